/** The crew's words one letter a line, what is needed, and what the caller had answered. */
import type { IncidentRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { Button, Dialog, Empty } from '@gh/ui'
import { useState } from 'react'
import { useLexicon } from '../care/content.tsx'
import type { Inbound } from '../care/inbound.ts'
import { capability, patientName, sexAge } from '../care/words.ts'
import { RecordView } from '../record/record-view.tsx'
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
  const [shown, setShown] = useState<'words' | 'record'>('words')
  const [whole, setWhole] = useState(false)
  const entries = patient ? patient.record.entries.length + patient.record.sheets.length : 0
  return (
    <section className="gh-panel hs-report" data-testid="report">
      <div className="gh-ph">
        <div className="hs-tabs" role="tablist">
          <button
            type="button"
            role="tab"
            aria-selected={shown === 'words'}
            onClick={() => setShown('words')}
          >
            ATMIST
          </button>
          <button
            type="button"
            role="tab"
            aria-selected={shown === 'record'}
            disabled={patient === undefined}
            onClick={() => setShown('record')}
            data-testid="show-record"
          >
            {t('record.record')} {entries > 0 && entries}
          </button>
        </div>
        <span className="gh-m gh-s gh-ell">
          {t('hospital.report_source', { unit: handover.call_sign })}
        </span>
        <span className="gh-sp" />
        {handover.needs.map((n) => (
          <span key={n} className="gh-tag warn">
            {capability(n)}
          </span>
        ))}
      </div>
      {shown === 'record' && patient ? (
        <div className="hs-record">
          <Button look="quiet" onClick={() => setWhole(true)} data-testid="whole-record">
            {t('record.whole')}
          </Button>
          <RecordView patient={patient} />
        </div>
      ) : (
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
      )}
      {whole && patient && (
        <Dialog
          title={`${t('record.record')} · ${patientName(patient)}`}
          onClose={() => setWhole(false)}
        >
          <RecordView patient={patient} />
          <a href={`/record/${patient.id}`} target="_blank" rel="noreferrer">
            {t('record.print')}
          </a>
        </Dialog>
      )}
    </section>
  )
}
