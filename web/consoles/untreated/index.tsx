/** On paper: why a run had nobody to treat, as the crew signed it. */
import { t, useLang } from '@gh/i18n'
import { LiveProvider, serverNow, useContent, useLoaded, useRow } from '@gh/live'
import { useSession } from '@gh/session'
import { Button, Empty, Skeleton, useConsoleTheme } from '@gh/ui'
import { useParams } from 'react-router'
import { clockTime, dayTime } from '../../panels/care/format.ts'
import { milestone } from '../../panels/care/words.ts'
import { say } from '../../panels/dispatch/words.ts'
import { usePrint } from '../../panels/review/print.ts'
import '../../panels/print/print.css'

export default function UntreatedConsole() {
  const session = useSession()
  useConsoleTheme('record', 'light')
  if (!session) return null
  return (
    <LiveProvider view="crew" unit={session.unit_id || undefined}>
      <Page />
    </LiveProvider>
  )
}

function Page() {
  const { lang, setLang } = useLang()
  const { mission: id = '' } = useParams()
  const loaded = useLoaded()
  const content = useContent()
  const mission = useRow('missions', id)
  const incident = useRow('incidents', mission?.incident_id)
  const session = useSession()
  const [printed, print] = usePrint()
  const signed = mission?.untreated
  const form = content?.record.nobody_treated?.find((one) => one.id === signed?.reason)
  return (
    <div className="pr">
      <nav className="pr-bar gh-noprint">
        <Button look="primary" disabled={!signed} onClick={() => void print()} data-testid="print">
          {t('print.print')}
        </Button>
        <Button onClick={() => setLang(lang === 'en' ? 'zh-CN' : 'en')} data-testid="print-lang">
          {t('print.other_language')}
        </Button>
      </nav>
      {!loaded || content === undefined ? (
        <Skeleton rows={8} />
      ) : !mission || !signed ? (
        <Empty title={t('untreated.absent')} />
      ) : (
        <article className="pr-paper" data-testid="paper">
          <h1>{t('untreated.title')}</h1>
          {session?.world !== 'live' && <p className="pr-warn">{t('print.simulated')}</p>}
          <p>
            {mission.incident_number} · {mission.call_sign} · {incident?.location?.label}
          </p>
          <p>
            {mission.nodes
              .map((node) => `${milestone(node.milestone)} ${clockTime(node.at_ms)}`)
              .join(' · ')}
          </p>
          <h2>{say(form?.title) || signed.reason}</h2>
          <p>{say(form?.text)}</p>
          {signed.details && <p>{signed.details}</p>}
          {signed.signer && (
            <p>
              {t('record.signer')} <b>{signed.signer}</b>
            </p>
          )}
          {signed.signature && (
            <svg viewBox="0 0 600 180" width="300" role="img" aria-label={t('record.signature')}>
              <path d={signed.signature} fill="none" stroke="#000" strokeWidth="3" />
            </svg>
          )}
          {signed.witness && <p>{t('record.witnessed', { name: signed.witness })}</p>}
          <p>
            {t('record.your_name')} <b>{signed.name}</b> {dayTime(signed.at_ms)}
          </p>
          <p className="pr-none">
            {t('print.page', {
              number: mission.incident_number,
              time: dayTime(printed || serverNow()),
            })}
          </p>
        </article>
      )}
    </div>
  )
}
