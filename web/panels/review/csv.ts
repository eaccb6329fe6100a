/** Tables for spreadsheets: RFC 4180, with the mark that makes Chinese readable in them. */

export type Cell = string | number | null

/** What a spreadsheet would take for a formula is kept as text. */
const FORMULA = /^[=+\-@\t\r]/

function cell(value: Cell): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const text = FORMULA.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export const csv = (rows: readonly (readonly Cell[])[]): string =>
  `\uFEFF${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`

/** Hand a file to the reader. */
export function save(name: string, content: Blob): void {
  const url = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}

export const saveCsv = (name: string, rows: readonly (readonly Cell[])[]): void =>
  save(`${name}.csv`, new Blob([csv(rows)], { type: 'text/csv;charset=utf-8' }))
