/** What this tablet could not send yet, and what was refused after its form was gone. */
import { Refusal } from '@gh/contract'
import { t, tOr } from '@gh/i18n'
import { forget, keepUnsent, type Unsent, useKeeping, useShut, useUnsent } from '@gh/live'
import { useSession } from '@gh/session'
import { refusalText } from '@gh/ui'
import { useEffect } from 'react'
import { clockTime } from '../care/format.ts'
import { WarnMark } from '../care/marks.tsx'

/** Entries wait for whoever made them: kept and sent while that person is logged in. */
export function useKeptEntries(): void {
  const session = useSession()
  const { person_id, name } = session ?? { person_id: '', name: '' }
  useEffect(
    () => (person_id === '' ? undefined : keepUnsent({ person_id, name })),
    [person_id, name],
  )
}

/** What was typed is read from here: its box is gone. */
function typedIn({ what }: Unsent): string {
  const { command } = what as { command?: { text?: { text?: string } | null } }
  return command?.text?.text ?? ''
}

const kindWords = (kind: string): string => tOr(`unsent.${kind}`, t('unsent.other'))

/** Stands on every page of the tablet. */
export function UnsentBar() {
  const me = useSession()?.person_id
  const keeping = useKeeping()
  const shut = useShut()
  const late = useUnsent().filter((one) => one.late || one.refusal !== null)
  const mine = late.filter((one) => one.refusal === null && one.person_id === me)
  const others = late.filter((one) => one.refusal === null && one.person_id !== me)
  const refused = late.filter((one) => one.refusal !== null)
  if (late.length + shut.length === 0) return null
  // Sealed by another computer's key, it can only be entered again.
  const lost = keeping === 'sealed' ? shut : []
  const names = [...new Set(others.map((one) => one.name))].join(t('ui.comma'))
  return (
    <div className="crew-broken crew-unsent" role="alert" data-testid="unsent">
      <WarnMark />
      <div>
        {mine.length > 0 && (
          <p data-testid="unsent-mine">
            {t('unsent.bar', { n: mine.length })} <small>{t(`unsent.keeping.${keeping}`)}</small>
          </p>
        )}
        {others.length > 0 && (
          <p data-testid="unsent-others">{t('unsent.others', { n: others.length, names })}</p>
        )}
        {shut.length > 0 && (
          <p data-testid="unsent-shut">
            {t(lost.length > 0 ? 'unsent.lost' : 'unsent.shut', { n: shut.length })}
          </p>
        )}
        {refused.map((one) => (
          <p key={`${one.installation}/${one.sequence}`} data-testid="unsent-refused">
            {t('unsent.refused', {
              time: clockTime(one.since_ms),
              what: kindWords(one.kind),
              who: one.name,
            })}{' '}
            <span className="un">
              {one.refusal &&
                refusalText(new Refusal(one.refusal.code, one.refusal.field, one.refusal.detail))}
            </span>{' '}
            <span>{typedIn(one)}</span>
          </p>
        ))}
      </div>
      {refused.length + lost.length > 0 && (
        <button
          type="button"
          className="tap"
          onClick={() => [...refused, ...lost].forEach(forget)}
          data-testid="unsent-seen"
        >
          {t('not_taken.seen')}
        </button>
      )}
    </div>
  )
}
