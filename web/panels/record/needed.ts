/** What the opened assessments ask of a hospital: capabilities, and conditions of the rules. */
import type { Content, PatientRow } from '@gh/contract'

export function neededBy(patient: PatientRow, content: Content | undefined): string[] {
  const needs = patient.record.sheets.flatMap((reading) => {
    const sheet = content?.sheets.find((one) => one.about.id === reading.sheet)
    return (sheet?.needs ?? []).filter((need) => reading.needs.includes(need.id))
  })
  return [...new Set(needs.flatMap((n) => [...(n.conditions ?? []), ...(n.capabilities ?? [])]))]
}
