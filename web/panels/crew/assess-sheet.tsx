/** Guided assessment: it fills itself from live data and says level, next actions, destination. */
import type { Content, PatientRow, SheetContent } from '@gh/contract'
import { t } from '@gh/i18n'
import { useContent, useSend } from '@gh/live'
import { Refused, Skeleton, TriageBadge, usePainted } from '@gh/ui'
import { useState } from 'react'
import { JUDGED } from '../care/words.ts'
import { say } from '../dispatch/words.ts'
import { ItemInput } from '../record/item-input.tsx'
import { Reading } from '../record/reading.tsx'
import { unstored } from '../record/unstored.ts'
import '../record/record.css'
import { Sheet } from './sheet.tsx'

interface Props {
  patient: PatientRow
  /** The complaint of the case; its sheet stands first. */
  topic: string
  /** The one that is open at first; without it the first that was opened. */
  sheetId?: string
  onDestination: () => void
  onClose: () => void
}

export function AssessSheet({ patient, topic, sheetId, onDestination, onClose }: Props) {
  const content = useContent()
  const opened = patient.record.sheets
  const [chosen, setChosen] = useState(sheetId ?? opened[0]?.sheet ?? '')
  const { send, busy, refusal } = useSend()
  const sheet = content?.sheets.find((one) => one.about.id === chosen)

  function open(id: string) {
    setChosen(id)
    if (opened.every((one) => one.sheet !== id))
      void send({ kind: 'patient.open_sheet', patient_id: patient.id, sheet: id })
  }

  return (
    <Sheet title={t('record.assess')} onClose={onClose} testId="assess-sheet">
      {content === undefined ? (
        <Skeleton rows={6} />
      ) : (
        <div className="rec-assess">
          <nav className="rec-tabs" aria-label={t('record.assess')}>
            {inOrder(content.sheets, topic).map((one) => {
              const reading = opened.find((r) => r.sheet === one.about.id)
              return (
                <button
                  key={one.about.id}
                  type="button"
                  className="tap"
                  aria-pressed={one.about.id === chosen}
                  disabled={busy}
                  onClick={() => open(one.about.id)}
                  data-testid={`sheet-${one.about.id}`}
                >
                  {say(one.about.title)}
                  {reading && <TriageBadge level={reading.level ?? ''} />}
                </button>
              )
            })}
            <Refused refusal={refusal} />
          </nav>
          {sheet === undefined ? (
            <p className="mu">{t('record.choose_sheet')}</p>
          ) : (
            <OneSheet
              key={chosen}
              content={content}
              sheet={sheet}
              patient={patient}
              onDestination={onDestination}
            />
          )}
        </div>
      )}
    </Sheet>
  )
}

const inOrder = (sheets: readonly SheetContent[], topic: string): SheetContent[] => [
  ...sheets.filter((one) => one.about.id === topic),
  // The level's own sheet asks the rest.
  ...sheets.filter((one) => one.about.id !== topic && one.about.id !== JUDGED),
]

/** More than a tablet shows without scrolling. */
const IN_SIGHT = 12

/** As many items, with the sections that they are in. */
function firstItems(sections: SheetContent['sections'], most: number): SheetContent['sections'] {
  let room = most
  return sections.flatMap((section) => {
    if (room <= 0) return []
    const items = (section.items ?? []).slice(0, room)
    room -= items.length
    return [{ ...section, items }]
  })
}

function OneSheet({
  content,
  sheet,
  patient,
  onDestination,
}: {
  content: Content
  sheet: SheetContent
  patient: PatientRow
  onDestination: () => void
}) {
  const reading = patient.record.sheets.find((one) => one.sheet === sheet.about.id)
  const used = new Map(reading?.used.map((one) => [one.item_id, one]))
  // What is in sight stands in the first frame, and what is below it in the next.
  const whole = usePainted()
  const sections = whole ? sheet.sections : firstItems(sheet.sections, IN_SIGHT)
  const uncounted = sheet.sections
    .flatMap((section) => section.items ?? [])
    .map((item) => patient.record.fields[`${sheet.about.id}.${item.id}`]?.at(-1))
    .filter((write) => unstored(write) === 'waiting').length
  return (
    <div className="rec-two">
      <div className="rec-items">
        {sections.map((section) => (
          <section key={section.id}>
            <h3>{say(section)}</h3>
            {section.items?.map((item) => {
              const one = used.get(item.id)
              return (
                <ItemInput
                  key={item.id}
                  patient={patient}
                  name={`${sheet.about.id}.${item.id}`}
                  item={item}
                  live={one?.origin === 'live' ? one.value : undefined}
                  differs={one?.live}
                  wanted={reading?.missing.includes(item.id)}
                />
              )
            })}
          </section>
        ))}
      </div>
      <aside className="rec-side">
        {reading && (
          <>
            {uncounted > 0 && (
              <p className="un" role="status" data-testid="uncounted">
                {t('record.uncounted', { n: uncounted })}
              </p>
            )}
            <Reading content={content} sheet={sheet} reading={reading} />
            {reading.needs.length > 0 && (
              <button
                type="button"
                className="tap primary wide"
                onClick={onDestination}
                data-testid="to-destination"
              >
                {t('record.to_destination')}
              </button>
            )}
          </>
        )}
      </aside>
    </div>
  )
}
