/** A register from a table: the verdict on every line, and only then the writing. */
import { query, type TableFault } from '@gh/contract'
import { getLang, t } from '@gh/i18n'
import { Button, Dialog, Refused } from '@gh/ui'
import { useState } from 'react'
import '../roster/roster.css'
import { TableInput, useTableFile } from '../roster/upload.tsx'
import { Field } from './person-dialog.tsx'
import { type Difference, inOrderOfWeight, type TableAnswer, type TableLine } from './table.ts'

/** More are counted, not listed: the table itself is at hand. */
const SHOWN = 500

/** What a table is of: its words, where it is asked about, and what a line of it says. */
export interface TableOf<R extends TableLine> {
  words: 'vehicle' | 'station'
  path: string
  nameOf: (row: R) => string
  differences: (row: R) => Difference[]
}

interface Props<R extends TableLine> {
  of: TableOf<R>
  onWritten: () => void
  onClose: () => void
}

export function TableImportDialog<R extends TableLine>({ of, onWritten, onClose }: Props<R>) {
  const { words, path } = of
  const [pasted, setPasted] = useState('')
  const { chosen, answer, busy, refusal, look } = useTableFile<TableAnswer<R>>(
    `${path}/import`,
    onWritten,
  )
  const n = answer === null ? 0 : answer.new + answer.changed
  const wrong = answer !== null && (answer.faults.length > 0 || answer.refused > 0)
  const ready = answer !== null && !wrong && n > 0 && !answer.written
  const template = (form: string) => query(`${path}/template`, { form, lang: getLang() })
  return (
    <Dialog
      title={t(`${words}.import_title`)}
      onClose={onClose}
      testid={`${words}-import-dialog`}
      footer={
        <>
          <Refused refusal={refusal} />
          {ready && (
            <Button
              look="primary"
              busy={busy}
              onClick={() => void look(chosen, { digest: answer.digest })}
              data-testid={`${words}-confirm`}
            >
              {t(`${words}.confirm`, { n })}
            </Button>
          )}
          <Button onClick={onClose} data-testid={`${words}-import-close`}>
            {t('ui.close')}
          </Button>
        </>
      }
    >
      <p className="gh-m ro-hint">{t(`${words}.import_hint`)}</p>
      <div className="gh-row">
        <Field label={t('table.file')}>
          <TableInput onChoose={(table) => void look(table)} testid={`${words}-file`} />
        </Field>
        {['csv', 'xlsx'].map((form) => (
          <a
            key={form}
            className="gh-btn"
            href={template(form)}
            download
            data-testid={`${words}-template-${form}`}
          >
            {t(`table.template_${form}`)}
          </a>
        ))}
      </div>
      <Field label={t('table.paste')}>
        <textarea
          className="gh-input"
          rows={2}
          value={pasted}
          onChange={(event) => setPasted(event.target.value)}
          data-testid={`${words}-paste`}
        />
      </Field>
      {pasted.trim() !== '' && (
        <Button
          onClick={() => void look({ name: t('table.pasted'), body: new Blob([pasted]) })}
          data-testid={`${words}-paste-check`}
        >
          {t('table.paste_check')}
        </Button>
      )}
      {busy && <p role="status">{t('table.checking', { name: chosen?.name ?? '' })}</p>}
      {chosen !== null && !busy && <b>{chosen.name}</b>}
      {answer !== null && <Told of={of} answer={answer} n={n} wrong={wrong} />}
    </Dialog>
  )
}

interface ToldProps<R extends TableLine> {
  of: TableOf<R>
  answer: TableAnswer<R>
  n: number
  wrong: boolean
}

function Told<R extends TableLine>({ of, answer, n, wrong }: ToldProps<R>) {
  const { words } = of
  if (answer.written) {
    return (
      <p className="gh-goodt" role="status" data-testid={`${words}-done`}>
        ✓ {t(`${words}.done`, { n })}
      </p>
    )
  }
  if (answer.faults.length > 0) {
    return (
      <div className="gh-badt" role="alert" data-testid={`${words}-header`}>
        ▲ {t('table.header')}
        <Faults faults={answer.faults} />
      </div>
    )
  }
  return (
    <>
      {wrong && (
        <p className="gh-badt" role="alert" data-testid={`${words}-faults`}>
          ▲ {t('table.faults', { n: answer.refused })}
        </p>
      )}
      {!wrong && n === 0 && (
        <p data-testid={`${words}-same`}>{t(`${words}.same`, { n: answer.unchanged })}</p>
      )}
      <p data-testid={`${words}-sum`}>
        {t('table.sum', {
          new: answer.new,
          changed: answer.changed,
          unchanged: answer.unchanged,
          refused: answer.refused,
        })}
      </p>
      <Lines of={of} rows={inOrderOfWeight(answer.rows)} />
    </>
  )
}

const LOOKS = { new: 'ok', changed: 'ok', unchanged: 'gh-m', refused: 'un' } as const

function Lines<R extends TableLine>({ of, rows }: { of: TableOf<R>; rows: readonly R[] }) {
  const { words } = of
  return (
    <>
      <div className="ro-list">
        <table className="ad-table">
          <thead>
            <tr>
              <th>{t('table.line')}</th>
              <th aria-label={t('table.what')} />
              <th>{t(`table.name.${words}`)}</th>
              <th>{t('table.what')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, SHOWN).map((row) => (
              <tr
                key={row.line}
                data-verdict={row.verdict}
                data-testid={`${words}-line-${row.line}`}
              >
                <td className="num">{row.line}</td>
                <td className={LOOKS[row.verdict]}>{t(`table.verdict.${row.verdict}`)}</td>
                <td>
                  <b>{of.nameOf(row)}</b>
                </td>
                <td className="ro-value">
                  {row.faults.length > 0 ? (
                    <Faults faults={row.faults} />
                  ) : (
                    <Changes of={of} row={row} />
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > SHOWN && <p className="gh-m">{t('table.more', { n: rows.length - SHOWN })}</p>}
    </>
  )
}

function Changes<R extends TableLine>({ of, row }: { of: TableOf<R>; row: R }) {
  return of.differences(row).map(({ field, was, now }) => (
    <div key={field}>
      <span className="gh-m">{t(`${of.words}.field.${field}`)}</span>{' '}
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
