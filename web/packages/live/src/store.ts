/**
 * What this page knows: one Map per table, replaced row by row, never computed on.
 *
 * Rule 1: a snapshot forgets everything; a patch puts whole rows and drops rows.
 * Rule 2: a patch older than what we have changes nothing (a reconnect may repeat it). One of the
 *         same number is put: rights that end are swept without a new delivery.
 * Rule 3: what did not change keeps its identity, down to the parts of a row: a screen draws what is
 *         new and nothing else.
 * Rule 4: telemetry is newest-wins by its own time; a catch-up fix never moves a vehicle. Between a
 *         vehicle's terminal and its tablet the server has decided already.
 */
import type {
  Fix,
  LiveMessage,
  NumericSet,
  Row,
  RowOf,
  TableName,
  UnrecordedRow,
} from '@gh/contract'
import { replaceEqualDeep } from '@tanstack/react-query'

export const TABLES = [
  'calls',
  'incidents',
  'missions',
  'units',
  'hospitals',
  'patients',
  'handovers',
  'alerts',
  'roads',
  'log',
] as const satisfies readonly TableName[]

export type Topic =
  | TableName
  | 'fixes'
  | `fix:${string}`
  | `numerics:${string}`
  | 'unrecorded'
  | 'link'

/** A device's clock ahead of ours cannot make a position younger than its arrival. */
const trueMs = (fix: Fix): number => Math.min(fix.device_ms, fix.received_ms)

export class LiveStore {
  /** Delivery number of the last snapshot or patch; 0: nothing yet. */
  at = 0
  private readonly tables = new Map<TableName, Map<string, Row>>(
    TABLES.map((name) => [name, new Map<string, Row>()]),
  )
  private readonly lists = new Map<TableName, Row[]>()
  private readonly fixes = new Map<string, Fix>()
  private fixList: Fix[] | undefined
  /** Units whose newest report the centre does not believe: their fix is the last believed one. */
  doubted: ReadonlySet<string> = new Set()
  private readonly numerics = new Map<string, NumericSet>()
  /** What alarms in this vehicle and stands in no record. */
  unrecorded: readonly UnrecordedRow[] = []
  private readonly listeners = new Map<Topic, Set<() => void>>()

  apply(message: LiveMessage): void {
    switch (message.type) {
      case 'snapshot': {
        for (const table of this.tables.values()) table.clear()
        for (const row of message.rows) this.tables.get(row.table)?.set(row.id, row)
        this.at = message.at
        this.changed(TABLES)
        return
      }
      case 'patch': {
        if (message.at < this.at) return
        const touched = new Set<TableName>()
        for (const row of message.put) if (this.put(row)) touched.add(row.table)
        for (const [name, id] of message.drop) {
          if (this.tables.get(name as TableName)?.delete(id)) touched.add(name as TableName)
        }
        this.at = message.at
        this.changed([...touched])
        return
      }
      case 'fixes': {
        const moved: Topic[] = []
        for (const fix of message.fixes) {
          const known = this.fixes.get(fix.unit_id)
          const comparable = known !== undefined && !known.tablet === !fix.tablet
          if (fix.catch_up || (comparable && trueMs(known) > trueMs(fix))) continue
          this.fixes.set(fix.unit_id, fix)
          moved.push(`fix:${fix.unit_id}`)
        }
        const doubted = new Set(message.doubted)
        const both = [...doubted, ...this.doubted]
        const changed = both.filter((unitId) => !doubted.has(unitId) || !this.doubted.has(unitId))
        if (changed.length > 0) this.doubted = doubted
        moved.push(...changed.map((unitId): Topic => `fix:${unitId}`))
        if (moved.length === 0) return
        this.fixList = undefined
        for (const topic of moved) this.notify(topic)
        this.notify('fixes')
        return
      }
      case 'numerics': {
        for (const set of message.numerics) {
          const known = this.numerics.get(set.device_id)
          if (known !== undefined && known.received_ms > set.received_ms) continue
          this.numerics.set(set.device_id, set)
          this.notify(`numerics:${set.unit_id}`)
        }
        return
      }
      case 'unrecorded':
        this.unrecorded = message.alarms
        this.notify('unrecorded')
        return
      default:
        return
    }
  }

  list<T extends TableName>(table: T): RowOf<T>[] {
    let rows = this.lists.get(table)
    if (rows === undefined) {
      rows = [...(this.tables.get(table)?.values() ?? [])]
      this.lists.set(table, rows)
    }
    return rows as RowOf<T>[]
  }

  find<T extends TableName>(table: T, id: string): RowOf<T> | undefined {
    return this.tables.get(table)?.get(id) as RowOf<T> | undefined
  }

  findFix(unitId: string): Fix | undefined {
    return this.fixes.get(unitId)
  }

  listFixes(): Fix[] {
    this.fixList ??= [...this.fixes.values()]
    return this.fixList
  }

  /**
   * The newest set of a unit; of these devices only, where they are given, and with so many values
   * at least: a meter that measures once says one thing.
   */
  findNumerics(unitId: string, devices?: readonly string[], least = 0): NumericSet | undefined {
    let newest: NumericSet | undefined
    for (const set of this.numerics.values()) {
      if (set.unit_id !== unitId || devices?.includes(set.device_id) === false) continue
      if (set.values.length < least) continue
      if (newest === undefined || set.received_ms > newest.received_ms) newest = set
    }
    return newest
  }

  subscribe(topic: Topic, listener: () => void): () => void {
    let set = this.listeners.get(topic)
    if (set === undefined) {
      set = new Set()
      this.listeners.set(topic, set)
    }
    set.add(listener)
    return () => set.delete(listener)
  }

  notify(topic: Topic): void {
    for (const listener of this.listeners.get(topic) ?? []) listener()
  }

  /** Whether it says anything new. */
  private put(row: Row): boolean {
    const rows = this.tables.get(row.table)
    const before = rows?.get(row.id)
    const now = replaceEqualDeep(before, row)
    if (now !== before) rows?.set(row.id, now)
    return now !== before
  }

  private changed(tables: readonly TableName[]): void {
    for (const name of tables) this.lists.delete(name)
    for (const name of tables) this.notify(name)
  }
}
