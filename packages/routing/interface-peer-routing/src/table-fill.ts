/** How full the routing table of a router is: who refreshes it asks less often when it is full. */
export interface TableFill {
  /** Peers in it. */
  readonly peers: number
  /** Regions of the key space that could hold peers, as far as the router knows, and hold none. */
  readonly emptyRegions: number
}

/** Under this symbol a router, or all routers of a node as one, tells how full its table is. */
export const tableFillSymbol: unique symbol = Symbol.for('@weft/table-fill') as never

/** A router that has a table. */
export interface TableFillProvider {
  /** How full it is now; undefined where no router of several has a table. */
  [tableFillSymbol](): TableFill | undefined
}

/** How full the table of a router is; undefined where it does not tell. */
export function tableFillOf(router: object): TableFill | undefined {
  const tell: unknown = Reflect.get(router, tableFillSymbol)
  return typeof tell === 'function' ? (Reflect.apply(tell, router, []) as TableFill | undefined) : undefined
}
