/** The crew's words one letter a line, what is needed, and what the caller had answered. */
import type { IncidentRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { Empty } from '@gh/ui'
import { useLexicon } from '../care/content.tsx'
import type { Inbound } from '../care/inbound.ts'
import { capability, patientName, sexAge } from '../care/words.ts'
import { Mist } from './inbound-row.tsx'

export function Report({
  inbound,
  incident,
}: {
  inbound: Inbound
  incident: IncidentRow | undefined
}) {
  const lexicon = useLexicon()
  const { handover, patient } = inbound
  const answers = incident ? lexicon.answers(incident) : []
  return (
    <section className="gh-panel hs-report" data-testid="report">
      <div className="gh-ph">
        <h2>ATMIST</h2>
        <span className="gh-m gh-s">
          {t('hospital.report_source', { unit: handover.call_sign })}
        </span>
        <span className="gh-sp" />
        {handover.needs.map((n) => (
          <span key={n} className="gh-tag warn">
            {capability(n)}
          </span>
        ))}
      </div>
      <div className="hs-report-body">
        <div className="hs-atmist large">
          <u>A</u>
          <span>
            <b>{patient ? `${patientName(patient)} · ${sexAge(patient)}` : t('ui.unknown')}</b>
          </span>
          <Mist summary={handover.summary} incident={incident} />
          {handover.summary === null && (
            <span className="hs-line">
              <u>…</u>
              <span className="gh-m">{t('hospital.no_summary')}</span>
            </span>
          )}
        </div>
        {answers.length === 0 ? (
          <Empty title={t('hospital.no_answers')} />
        ) : (
          <ul>
            {answers.map((a) => (
              <li key={a.id}>
                <span>{a.question}</span>
                <b className={a.unknown ? 'un' : undefined}>{a.answer}</b>
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  )
}
