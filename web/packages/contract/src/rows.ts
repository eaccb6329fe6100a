/** The rows of the live views by the name of their table. */
import type { IncidentRow, Row } from './generated.ts'

export type TableName = Row['table']
export type RowOf<T extends TableName> = Extract<Row, { table: T }>

/** null: the caller does not know; a list answers a question of several choices. */
export type Answer = IncidentRow['answers'][string][string]
