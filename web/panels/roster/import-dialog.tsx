/** A roster from a table: every fault with its line, what would change, and only then the writing. */
import type { ImportAnswer, ImportRow, TableFault } from '@gh/contract'
import { t } from '@gh/i18n'
import { Button, Dialog, Refused } from '@gh/ui'
import { useState } from 'react'
import { Field } from '../admin/person-dialog.tsx'
import { crewText, spanText, warningText } from './model.ts'
import { TableInput, useTableFile } from './upload.tsx'

/** More are counted, not listed: the table itself is at hand. */
const SHOWN = 100

interface Props {
  template: string
  sign: (unit: string) => string
  onWritten: () => void
  onClose: () => void
}

export function RosterImport({ template, sign, onWritten, onClose }: Props) {
  const [reason, setReason] = useState('')
  const { chosen, answer, busy, refusal, look } = useTableFile<ImportAnswer>(
    '/api/roster/import',
    onWritten,
  )

  const n = answer?.changes.length ?? 0
  const ready = answer !== null && answer.fault_count === 0 && n > 0 && !answer.written
  const lacking = ready && answer.needs_reason && reason.trim() === ''
  return (
    <Dialog
      title={t('roster.import_title')}
      onClose={onClose}
      testid="import-dialog"
      footer={
        <>
          <Refused refusal={refusal} />
          {lacking && <span className="gh-warnt">{t('roster.lacking_reason')}</span>}
          {ready && !lacking && (
            <Button
              look="primary"
              busy={busy}
              onClick={() => void look(chosen, { digest: answer.digest, reason: reason.trim() })}
              data-testid="import-confirm"
            >
              {t('roster.import_confirm', { n })}
            </Button>
          )}
          <Button onClick={onClose} data-testid="import-close">
            {t('ui.close')}
          </Button>
        </>
      }
    >
      <p className="gh-m ro-hint">{t('roster.import_hint')}</p>
      <div className="gh-row">
        <Field label={t('roster.import_file')}>
          <TableInput onChoose={(table) => void look(table)} testid="import-file" />
        </Field>
        <a className="gh-btn" href={template} download data-testid="roster-template">
          {t('roster.template')}
        </a>
      </div>
      {busy && <p role="status">{t('roster.import_reading', { name: chosen?.name ?? '' })}</p>}
      {chosen !== null && !busy && <b>{chosen.name}</b>}
      {answer?.written && (
        <p className="gh-goodt" role="status" data-testid="import-done">
          ✓ {t('roster.import_done', { n })}
        </p>
      )}
      {answer !== null && answer.fault_count > 0 && (
        <Faults faults={answer.faults} total={answer.fault_count} />
      )}
      {answer !== null && answer.fault_count === 0 && !answer.written && n === 0 && (
        <p data-testid="import-same">{t('roster.import_same', { n: answer.rows })}</p>
      )}
      {ready && (
        <>
          <Changes rows={answer.changes} unchanged={answer.unchanged} sign={sign} />
          {answer.needs_reason && (
            <Field label={t('roster.reason')}>
              <input
                className="gh-input"
                value={reason}
                maxLength={200}
                placeholder={t('roster.reason_hint')}
                onChange={(event) => setReason(event.target.value)}
                data-testid="import-reason"
              />
            </Field>
          )}
        </>
      )}
    </Dialog>
  )
}

function Faults({ faults, total }: { faults: readonly TableFault[]; total: number }) {
  return (
    <>
      <p className="gh-badt" role="alert" data-testid="import-faults">
        ▲ {t('roster.import_faults', { n: total })}
      </p>
      <div className="ro-list">
        <table className="ad-table">
          <thead>
            <tr>
              <th>{t('roster.line')}</th>
              <th>{t('roster.column')}</th>
              <th>{t('roster.value')}</th>
              <th>{t('roster.what')}</th>
            </tr>
          </thead>
          <tbody>
            {faults.slice(0, SHOWN).map((fault) => (
              <tr
                key={`${fault.line} ${fault.column} ${fault.code} ${fault.value}`}
                data-code={fault.code}
              >
                <td className="num">{fault.line}</td>
                <td>{fault.column}</td>
                <td className="ro-value">{fault.value}</td>
                <td>{t(`table.fault.${fault.code}`, { detail: fault.detail })}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {total > SHOWN && <p className="gh-m">{t('roster.import_more', { n: total - SHOWN })}</p>}
    </>
  )
}

function Changes({
  rows,
  unchanged,
  sign,
}: {
  rows: readonly ImportRow[]
  unchanged: number
  sign: (unit: string) => string
}) {
  const changed = rows.filter((row) => row.change.was !== null).length
  return (
    <>
      <p data-testid="import-changes">
        {t('roster.import_changes', {
          plan: rows.length - changed,
          change: changed,
          same: unchanged,
        })}
      </p>
      <div className="ro-list">
        <table className="ad-table">
          <thead>
            <tr>
              <th>{t('roster.line')}</th>
              <th aria-label={t('roster.what')} />
              <th>{t('roster.unit')}</th>
              <th>{t('roster.from')}</th>
              <th>{t('roster.crew')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, SHOWN).map(({ change, call_sign, warnings }) => (
              <tr key={change.line}>
                <td className="num">{change.line}</td>
                <td>{t(change.was === null ? 'roster.import_plan' : 'roster.import_change')}</td>
                <td>
                  <b>{call_sign}</b>
                </td>
                <td className="num">
                  {change.was !== null && change.was.to_ms !== change.now.to_ms && (
                    <s>{spanText(change.was.from_ms, change.was.to_ms)}</s>
                  )}
                  <div>{spanText(change.now.from_ms, change.now.to_ms)}</div>
                </td>
                <td className="ro-value">
                  {change.was !== null &&
                    crewText(change.was.crew) !== crewText(change.now.crew) && (
                      <s>{crewText(change.was.crew)}</s>
                    )}
                  <div>{crewText(change.now.crew)}</div>
                  {warnings.map((warning) => {
                    const words = warningText(warning, sign)
                    return (
                      <div key={words} className="gh-warnt">
                        ▲ {words}
                      </div>
                    )
                  })}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > SHOWN && (
        <p className="gh-m">{t('roster.import_more', { n: rows.length - SHOWN })}</p>
      )}
    </>
  )
}
