// As much as the payload that one collection of young objects frees, and half of glibc's greatest.
const length = 16 * 1024 * 1024

/**
 * Has the C library keep up to 32 MiB of freed memory for what is allocated next; the caller drops the buffer that comes
 * back. glibc gives memory at the end of its heap back to the system when more than 128 KiB of it are free, and the system
 * then clears each page of it anew: for bulk data, that of every buffer. That bound becomes twice as much as the largest
 * block that was freed, where nobody set it by the environment (mallopt(3), `M_MMAP_THRESHOLD` and `M_TRIM_THRESHOLD`). The
 * buffer is never written, so that it takes no memory; elsewhere it does nothing.
 */
export function keepFreedMemory(): ArrayBuffer {
  return new ArrayBuffer(length)
}
