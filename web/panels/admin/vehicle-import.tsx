/** Vehicles from a table. */
import type { TableVehicle } from '@gh/contract'
import { TableImportDialog, type TableOf } from './table-import.tsx'
import { differences } from './vehicle-table.ts'

const VEHICLES: TableOf<TableVehicle> = {
  words: 'vehicle',
  path: '/api/vehicles',
  nameOf: (row) => (row.call_sign === '' ? (row.was?.call_sign ?? '') : row.call_sign),
  differences,
}

export const VehicleImportDialog = (props: { onWritten: () => void; onClose: () => void }) => (
  <TableImportDialog of={VEHICLES} {...props} />
)
