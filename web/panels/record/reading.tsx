/** What an assessment says: level with reasons, next actions, what the hospital needs, scores, gaps. */
import type { Content, SheetContent, SheetRead } from '@gh/contract'
import { t, useLang } from '@gh/i18n'
import { LevelBadge, TriageBadge } from '@gh/ui'
import { memo } from 'react'
import { capability } from '../care/words.ts'
import { say } from '../dispatch/words.ts'

interface Props {
  content: Content
  sheet: SheetContent
  reading: SheetRead
  /** Of the actions only the first few; a hospital reads them, a crew does them. */
  brief?: boolean
}

const rows = <T extends { id: string }>(
  all: readonly T[] | undefined,
  ids: readonly string[],
): T[] => ids.flatMap((id) => all?.find((row) => row.id === id) ?? [])

/** An answer that is touched waits for what is read of it: until then nothing here changes. */
export const Reading = memo(function Reading({ content, sheet, reading, brief }: Props) {
  useLang()
  const partial = reading.status !== 'complete'
  if (reading.status === 'not_applicable')
    return <p className="mu">{t('record.not_for_this_patient')}</p>
  return (
    <div className="rec-reading" data-testid={`reading-${sheet.about.id}`}>
      <p className="rec-level">
        {reading.level === null ? (
          <b className="un">{t('record.no_level_yet')}</b>
        ) : (
          <>
            {partial && <span>{t('record.at_least')}</span>}
            <TriageBadge level={reading.level} words size="large" />
          </>
        )}
        {reading.response && (
          <span className="rec-response">
            {t('record.response')} <LevelBadge level={reading.response} />
          </span>
        )}
        {sheet.about.sign_off === 'unsigned' && <em className="mu">{t('record.unsigned')}</em>}
      </p>
      <List
        title={t('record.because')}
        items={[
          ...rows(sheet.levels, reading.reasons),
          ...rows(sheet.responses, reading.responses),
        ]}
      />
      <List
        title={t('record.check')}
        warn
        items={rows(
          [
            ...(sheet.contradictions ?? []),
            ...Object.values(content.scores).flatMap((table) => table.contradictions ?? []),
          ],
          reading.contradictions,
        )}
      />
      <Needs sheet={sheet} reading={reading} />
      {!brief && (
        <>
          <Actions sheet={sheet} reading={reading} />
          <Missing content={content} sheet={sheet} reading={reading} />
        </>
      )}
      <Scores content={content} reading={reading} />
    </div>
  )
})

function List({
  title,
  items,
  warn,
}: {
  title: string
  items: readonly { id: string; zh: string; en: string }[]
  warn?: boolean
}) {
  if (items.length === 0) return null
  return (
    <section className={warn ? 'warn' : ''}>
      <h4>{title}</h4>
      <ul>
        {items.map((item) => (
          <li key={item.id}>{say(item)}</li>
        ))}
      </ul>
    </section>
  )
}

function Needs({ sheet, reading }: { sheet: SheetContent; reading: SheetRead }) {
  const needs = rows(sheet.needs, reading.needs)
  if (needs.length === 0) return null
  return (
    <section>
      <h4>{t('record.needs')}</h4>
      <ul>
        {needs.map((need) => (
          <li key={need.id}>
            {say(need)}{' '}
            {need.capabilities?.map((id) => (
              <span key={id} className="rec-cap">
                {capability(id)}
              </span>
            ))}
          </li>
        ))}
      </ul>
    </section>
  )
}

/** Measures of the crew first, then what others are asked for. */
function Actions({ sheet, reading }: { sheet: SheetContent; reading: SheetRead }) {
  const found = rows(sheet.actions, reading.actions)
  if (found.length === 0) return null
  return (
    <section>
      <h4>{t('record.actions')}</h4>
      <ol>
        {found.map((row) => (
          <li key={row.id}>
            {row.who && row.who !== 'crew' && <b>{t(`record.who.${row.who}`)}: </b>}
            {say(row)}
          </li>
        ))}
      </ol>
    </section>
  )
}

function Missing({ content, sheet, reading }: Props) {
  if (reading.missing.length === 0) return null
  const items = [...sheet.sections.flatMap((s) => s.items ?? []), ...content.inputs.items]
  const names = reading.missing.map((id) => say(items.find((item) => item.id === id)) || id)
  return (
    <section>
      <h4>{t('record.still_open')}</h4>
      <p className="un">{names.join(t('ui.comma'))}</p>
    </section>
  )
}

function Scores({ content, reading }: { content: Content; reading: SheetRead }) {
  if (reading.scores.length === 0) return null
  return (
    <table className="rec-scores">
      <tbody>
        {reading.scores.map((score) => {
          const table = content.scores[score.table.split('@')[0] ?? '']
          const band = table?.bands.find((one) => one.id === score.band)
          return (
            <tr key={score.table}>
              <th>{say(table?.about.title) || score.table}</th>
              <td className="num">
                {score.total === null
                  ? '--'
                  : `${score.complete ? '' : '≥ '}${Number(score.total.toFixed(2))}`}
              </td>
              <td>{say(band?.title)}</td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
