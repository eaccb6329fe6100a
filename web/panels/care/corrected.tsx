/** What the newest correction of a pre-alert changed, in the words of whoever reads it. */
import type { HandoverRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { capability } from './words.ts'

type Changed = Pick<HandoverRow, 'changed' | 'died_ms' | 'needs' | 'needs_before'>

/** "紧急程度、需求": what was changed by name. */
export function changedText({ changed, died_ms }: Changed): string {
  const alive = died_ms === null
  return changed
    .map((name) => t(`hospital.changed.${name === 'death' && alive ? 'alive' : name}`))
    .join(t('ui.comma'))
}

/** Which needs came, and which are none any more. */
export function ChangedNeeds({ needs, needs_before }: Changed) {
  const gone = needs_before.filter((n) => !needs.includes(n))
  const added = needs.filter((n) => !needs_before.includes(n))
  return (
    <>
      {added.map((n) => ` + ${capability(n)}`)}
      {gone.length > 0 && <s> {gone.map(capability).join(t('ui.comma'))}</s>}
    </>
  )
}
