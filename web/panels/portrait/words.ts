/** The portrait's ids as words of the content; what a newer release knows is shown as it is. */
import type {
  Content,
  PatientRow,
  PortraitAlertRow,
  PortraitItemRow,
  PortraitRow,
} from '@gh/contract'
import { t, tOr } from '@gh/i18n'
import { say } from '../dispatch/words.ts'

export const regionName = (content: Content, id: string): string =>
  say(content.portrait.regions.find((region) => region.id === id)) || id

export const ppeName = (content: Content, id: string): string =>
  say(content.portrait.ppe.find((ppe) => ppe.id === id)) || id

/** The rule says what the colour means, the record says what was written. */
export function itemText(content: Content, item: PortraitItemRow): string {
  const rule = say(content.portrait.rules.find((one) => one.id === item.rule))
  if (rule === '') return item.name ?? item.rule ?? t('portrait.nameless')
  return item.name && !item.live && item.name !== rule ? `${rule} · ${item.name}` : rule
}

export function itemMarks(item: PortraitItemRow): string {
  const marks = item.live
    ? [t('portrait.now')]
    : [item.day === '' ? t('portrait.undated') : item.day, item.source ?? '']
  if (item.candidate) marks.push(t('portrait.candidate'))
  if (item.against) marks.push(t('portrait.against'))
  return marks.filter((mark) => mark !== '').join(' · ')
}

export function alertName(content: Content, alert: PortraitAlertRow): string {
  const { portrait } = content
  if (alert.id === 'none') return t('portrait.no_allergy_known')
  const lists = {
    allergy: portrait.allergens,
    infection: portrait.infections,
    medicine: portrait.medicines,
    directive: portrait.directives,
    device: portrait.devices,
  }
  const named = say(lists[alert.kind].find((one) => one.id === alert.id))
  return named || alert.name || t('portrait.nameless')
}

/** What stands behind an alert's name: how bad, how sure, how old, what to keep away from. */
export function alertMarks(content: Content, alert: PortraitAlertRow): string[] {
  const marks: string[] = []
  if (alert.kind === 'allergy' && alert.id !== 'none') {
    const severity = tOr(`portrait.severity.${alert.severity}`, '')
    const reaction = alert.reaction ?? ''
    marks.push([severity, reaction === severity ? '' : reaction].filter(Boolean).join(' · '))
    marks.push(t(alert.verified ? 'portrait.verified' : 'portrait.unverified'))
    if (alert.cautions.length > 0) {
      const names = alert.cautions.map(
        (id) => say(content.portrait.allergens.find((one) => one.id === id)) || id,
      )
      marks.push(t('portrait.caution', { names: names.join(t('ui.comma')) }))
    }
  }
  if (alert.mri) marks.push(t('portrait.no_mri'))
  marks.push(alert.day === '' ? t('portrait.undated') : alert.day)
  return marks.filter((mark) => mark !== '')
}

export const isAllergic = (portrait: PortraitRow | null): boolean =>
  portrait?.alerts.some((alert) => alert.kind === 'allergy' && alert.id !== 'none') ?? false

/** What a field of choices names, in a conflict everything that was told. */
const toldOf = ({ record }: PatientRow, field: string): string[] =>
  (record.fields[field] ?? []).flatMap((write) => (Array.isArray(write.value) ? write.value : []))

/** What was said yes to in assessments: flags, and the chosen ones of lists. */
const yesOf = ({ record }: PatientRow): string[] =>
  Object.entries(record.fields).flatMap(([name, writes]) => {
    const item = name.split('.')[1]
    if (item === undefined) return []
    return writes.flatMap(({ value }) =>
      Array.isArray(value) ? value : value === true ? [item] : [],
    )
  })

const choiceName = (content: Content, field: string, id: string): string => {
  const found = content.record.sections.flatMap((one) => one.fields).find((one) => one.id === field)
  return say(found?.choices?.find((one) => one.id === id)) || id
}

/** Allergies as the crew was told them: they count whatever the resident's record says. */
export function toldAllergies(content: Content, patient: PatientRow): string[] {
  const told = [...new Set(toldOf(patient, 'allergies'))].filter((id) => id !== 'none')
  // An assessment asks for one and not to what.
  if (told.length === 0 && yesOf(patient).includes('allergy'))
    return [t('portrait.unnamed_allergy')]
  return told.map((id) => choiceName(content, 'allergies', id))
}

/** Medicines that change what may be done, as far as the resident's record does not name them. */
export function toldMedicines(content: Content, patient: PatientRow): string[] {
  const { medicines } = content.portrait
  const known = (patient.portrait?.alerts ?? []).filter((one) => one.kind === 'medicine')
  const asked = yesOf(patient).filter((id) => medicines.some((one) => one.id === id))
  return [...new Set([...toldOf(patient, 'taking'), ...asked])]
    .filter((id) => known.every((one) => one.id !== id))
    .map((id) => say(medicines.find((one) => one.id === id)) || choiceName(content, 'taking', id))
}

/** Whether anybody has said anything of allergies, and be it that there are none. */
export const saysAllergy = (content: Content, patient: PatientRow): boolean =>
  toldOf(patient, 'allergies').length > 0 ||
  toldAllergies(content, patient).length > 0 ||
  (patient.portrait?.alerts.some((alert) => alert.kind === 'allergy') ?? false)

/** What must be seen without opening anything, the allergies first and each with its source. */
export function warnings(content: Content, patient: PatientRow): string[] {
  const alerts = patient.portrait?.alerts ?? []
  const allergies = alerts.filter((alert) => alert.kind === 'allergy' && alert.id !== 'none')
  const ppe = [...new Set(alerts.filter((a) => a.kind === 'infection').map((a) => a.ppe))]
  const line = (names: string[], mark: string, kind: PortraitAlertRow['kind'] = 'allergy') =>
    names.length === 0
      ? []
      : [`${t(`portrait.kind.${kind}`)} ${[names.join(t('ui.comma')), mark].join(' · ')}`]
  const named = (kind: PortraitAlertRow['kind']) =>
    alerts.filter((alert) => alert.kind === kind).map((alert) => alertName(content, alert))
  const severity = tOr(`portrait.severity.${allergies[0]?.severity}`, '')
  return [
    ...line(
      allergies.map((alert) => alertName(content, alert)),
      [severity, t('portrait.of_record')].filter(Boolean).join(' · '),
    ),
    ...line(toldAllergies(content, patient), t('portrait.told')),
    ...ppe.map((id) => ppeName(content, id)),
    ...line(named('directive'), t('portrait.of_record'), 'directive'),
    ...line(named('medicine'), t('portrait.of_record'), 'medicine'),
    ...line(toldMedicines(content, patient), t('portrait.told'), 'medicine'),
  ]
}

export function portraitHint(portrait: PortraitRow | null): string {
  if (portrait === null) return t('portrait.hint_never')
  if (isAllergic(portrait)) return t('portrait.hint_alert')
  if (portrait.state === 'asking') return t('portrait.hint_asking')
  if (portrait.taken_ms === null) return t('portrait.hint_failed')
  const count = (colour: string) => portrait.regions.filter((r) => r.colour === colour).length
  return t('portrait.hint_found', { red: count('red'), orange: count('orange') })
}
