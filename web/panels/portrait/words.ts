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

/** Allergies as the crew was told them: they count whatever the resident's record says. */
export function toldAllergies(content: Content, { record }: PatientRow): string[] {
  const field = content.record.sections
    .flatMap((section) => section.fields)
    .find((one) => one.id === 'allergies')
  // In a conflict none hides another.
  const told = (record.fields.allergies ?? []).flatMap((write) =>
    Array.isArray(write.value) ? write.value : [],
  )
  return [...new Set(told)]
    .filter((id) => id !== 'none')
    .map((id) => say(field?.choices?.find((one) => one.id === id)) || id)
}

/** What must be seen without opening anything, the allergies first and each with its source. */
export function warnings(content: Content, patient: PatientRow): string[] {
  const alerts = patient.portrait?.alerts ?? []
  const allergies = alerts.filter((alert) => alert.kind === 'allergy' && alert.id !== 'none')
  const ppe = [...new Set(alerts.filter((a) => a.kind === 'infection').map((a) => a.ppe))]
  const line = (names: string[], mark: string) =>
    names.length === 0
      ? []
      : [`${t('portrait.kind.allergy')} ${[names.join(t('ui.comma')), mark].join(' · ')}`]
  const severity = tOr(`portrait.severity.${allergies[0]?.severity}`, '')
  return [
    ...line(
      allergies.map((alert) => alertName(content, alert)),
      [severity, t('portrait.of_record')].filter(Boolean).join(' · '),
    ),
    ...line(toldAllergies(content, patient), t('portrait.told')),
    ...ppe.map((id) => ppeName(content, id)),
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
