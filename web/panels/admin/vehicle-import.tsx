/** Vehicles from a table: the verdict on every line, and only then the writing. */
import { query, type TableFault, type TableVehicle, type VehicleImport } from '@gh/contract'
import { getLang, t } from '@gh/i18n'
import { Button, Dialog, Refused } from '@gh/ui'
import { useState } from 'react'
import '../roster/roster.css'
import { TableInput, useTableFile } from '../roster/upload.tsx'
import { Field } from './person-dialog.tsx'
import { differences, inOrderOfWeight } from './vehicle-table.ts'

/** More are counted, not listed: the table itself is at hand. */
const SHOWN = 500

interface Props {
  onWritten: () => void
  onClose: () => void
}

export function VehicleImportDialog({ onWritten, onClose }: Props) {
  const [pasted, setPasted] = useState('')
  const { chosen, answer, busy, refusal, look } = useTableFile<VehicleImport>(
    '/api/vehicles/import',
    onWritten,
  )
  const n = answer === null ? 0 : answer.new + answer.changed
  const wrong = answer !== null && (answer.faults.length > 0 || answer.refused > 0)
  const ready = answer !== null && !wrong && n > 0 && !answer.written
  const template = (form: string) => query('/api/vehicles/template', { form, lang: getLang() })
  return (
    <Dialog
      title={t('vehicle.import_title')}
      onClose={onClose}
      testid="vehicle-import-dialog"
      footer={
        <>
          <Refused refusal={refusal} />
          {ready && (
            <Button
              look="primary"
              busy={busy}
              onClick={() => void look(chosen, { digest: answer.digest })}
              data-testid="vehicle-confirm"
            >
              {t('vehicle.confirm', { n })}
            </Button>
          )}
          <Button onClick={onClose} data-testid="vehicle-import-close">
            {t('ui.close')}
          </Button>
        </>
      }
    >
      <p className="gh-m ro-hint">{t('vehicle.import_hint')}</p>
      <div className="gh-row">
        <Field label={t('vehicle.file')}>
          <TableInput onChoose={(table) => void look(table)} testid="vehicle-file" />
        </Field>
        {['csv', 'xlsx'].map((form) => (
          <a
            key={form}
            className="gh-btn"
            href={template(form)}
            download
            data-testid={`vehicle-template-${form}`}
          >
            {t(`vehicle.template_${form}`)}
          </a>
        ))}
      </div>
      <Field label={t('vehicle.paste')}>
        <textarea
          className="gh-input"
          rows={2}
          value={pasted}
          onChange={(event) => setPasted(event.target.value)}
          data-testid="vehicle-paste"
        />
      </Field>
      {pasted.trim() !== '' && (
        <Button
          onClick={() => void look({ name: t('vehicle.pasted'), body: new Blob([pasted]) })}
          data-testid="vehicle-paste-check"
        >
          {t('vehicle.paste_check')}
        </Button>
      )}
      {busy && <p role="status">{t('vehicle.checking', { name: chosen?.name ?? '' })}</p>}
      {chosen !== null && !busy && <b>{chosen.name}</b>}
      {answer !== null && <Told answer={answer} n={n} wrong={wrong} />}
    </Dialog>
  )
}

function Told({ answer, n, wrong }: { answer: VehicleImport; n: number; wrong: boolean }) {
  if (answer.written) {
    return (
      <p className="gh-goodt" role="status" data-testid="vehicle-done">
        ✓ {t('vehicle.done', { n })}
      </p>
    )
  }
  if (answer.faults.length > 0) {
    return (
      <div className="gh-badt" role="alert" data-testid="vehicle-header">
        ▲ {t('vehicle.header')}
        <Faults faults={answer.faults} />
      </div>
    )
  }
  return (
    <>
      {wrong && (
        <p className="gh-badt" role="alert" data-testid="vehicle-faults">
          ▲ {t('vehicle.faults', { n: answer.refused })}
        </p>
      )}
      {!wrong && n === 0 && (
        <p data-testid="vehicle-same">{t('vehicle.same', { n: answer.unchanged })}</p>
      )}
      <p data-testid="vehicle-sum">
        {t('vehicle.sum', {
          new: answer.new,
          changed: answer.changed,
          unchanged: answer.unchanged,
          refused: answer.refused,
        })}
      </p>
      <Lines rows={inOrderOfWeight(answer.rows)} />
    </>
  )
}

const LOOKS = { new: 'ok', changed: 'ok', unchanged: 'gh-m', refused: 'un' } as const

function Lines({ rows }: { rows: readonly TableVehicle[] }) {
  return (
    <>
      <div className="ro-list">
        <table className="ad-table">
          <thead>
            <tr>
              <th>{t('vehicle.line')}</th>
              <th aria-label={t('vehicle.what')} />
              <th>{t('vehicle.field.call_sign')}</th>
              <th>{t('vehicle.what')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, SHOWN).map((row) => (
              <tr
                key={row.line}
                data-verdict={row.verdict}
                data-testid={`vehicle-line-${row.line}`}
              >
                <td className="num">{row.line}</td>
                <td className={LOOKS[row.verdict]}>{t(`vehicle.verdict.${row.verdict}`)}</td>
                <td>
                  <b>{row.call_sign === '' ? (row.was?.call_sign ?? '') : row.call_sign}</b>
                </td>
                <td className="ro-value">
                  {row.faults.length > 0 ? <Faults faults={row.faults} /> : <Changes row={row} />}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > SHOWN && (
        <p className="gh-m">{t('vehicle.more', { n: rows.length - SHOWN })}</p>
      )}
    </>
  )
}

function Changes({ row }: { row: TableVehicle }) {
  return differences(row).map(({ field, was, now }) => (
    <div key={field}>
      <span className="gh-m">{t(`vehicle.field.${field}`)}</span>{' '}
      {was === '' ? now : `${was} → ${now}`}
    </div>
  ))
}

function Faults({ faults }: { faults: readonly TableFault[] }) {
  return faults.map((fault) => (
    <div key={`${fault.column} ${fault.code} ${fault.value}`} data-code={fault.code}>
      <b>{fault.column}</b> {fault.value}{' '}
      <span className="gh-badt">{t(`table.fault.${fault.code}`, { detail: fault.detail })}</span>
    </div>
  ))
}
