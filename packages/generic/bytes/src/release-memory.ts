// Below it a detached buffer costs more than what the garbage collector saves.
const minLength = 16 * 1024

/**
 * Gives the memory of a view back at once where the view is the whole of its buffer, and large. Nobody else may have the
 * buffer: all views of it are empty afterwards. Memory outside of the heap that waits for the garbage collector makes
 * that run often, and what is used next is cold. Without `ArrayBuffer.prototype.transfer` (Node 20) it does nothing.
 */
export function releaseMemory(view: Uint8Array): void {
  const buffer = view.buffer as ArrayBuffer & { transfer?(length: number): ArrayBuffer }
  if (view.byteLength >= minLength && view.byteLength === buffer.byteLength) buffer.transfer?.(0)
}
