/**
 * Two recordings on paper, the older first: each on its own sheets, both in the same millimetres.
 *
 * Rule 1: speed and gain are one choice for both, and stand on every sheet.
 */
import type { DrawnEcg } from '@gh/contract'
import { clockTime, dayTime, t } from '@gh/i18n'
import { type ReactNode, useMemo } from 'react'
import { createPortal } from 'react-dom'
import { paperOf, SHEET_S } from './layout.ts'
import type { View } from './paper.tsx'
import { ALONE, type EcgFacts, HEIGHT_MM, PaperSvg, sheetsOf, Who, WIDTH_MM } from './print.tsx'
import { beginOf, stillSlice } from './still.ts'

interface Props {
  older: DrawnEcg
  newer: DrawnEcg
  view: Pick<View, 'layout' | 'speed' | 'gain'>
  facts: EcgFacts
  /** Whose case it is of, and from what: beside the time on each sheet. */
  about: (side: DrawnEcg) => string
  /** The numbers of both, on a sheet of their own. */
  numbers: ReactNode
}

export function PrintPair({ older, newer, view, facts, about, numbers }: Props) {
  const sides = [
    { side: older, name: t('ecgcmp.older') },
    { side: newer, name: t('ecgcmp.newer') },
  ]
  const sheets = sides.flatMap(({ side, name }) =>
    sheetsOf(name, beginOf(side) + SHEET_S * 1000, view.speed).map(({ end_ms }) => ({
      side,
      name,
      end_ms,
    })),
  )
  const of = sheets.length + 1
  return createPortal(
    <div className="ecg-print" data-testid="print-pair">
      <style>{ALONE}</style>
      {sheets.map(({ side, name, end_ms }, k) => (
        <PairSheet
          key={`${side.ecg.id}${end_ms}`}
          {...{ side, name, end_ms, view, facts }}
          about={about(side)}
          page={t('ecg.page', { n: k + 1, of })}
        />
      ))}
      <article data-testid="print-numbers">
        <header>
          <Who facts={facts} />
        </header>
        {numbers}
        <b>{t('ecg.suspected')}</b>
        <footer>
          <span className="gh-sp" />
          <span>{t('ecg.page', { n: of, of })}</span>
        </footer>
      </article>
    </div>,
    document.body,
  )
}

interface SheetProps extends Pick<Props, 'view' | 'facts'> {
  side: DrawnEcg
  name: string
  end_ms: number
  about: string
  page: string
}

function PairSheet({ side, name, end_ms, view, facts, about, page }: SheetProps) {
  const { layout, speed, gain } = view
  const slice = useMemo(() => stillSlice(side), [side])
  const paper = useMemo(
    () => paperOf(layout, WIDTH_MM, HEIGHT_MM, speed, speed === 25 ? SHEET_S : SHEET_S / 2),
    [layout, speed],
  )
  const from_ms = end_ms - paper.seconds * 1000
  return (
    <article
      data-testid="print-sheet"
      data-mm-a-second={speed}
      data-mm-a-millivolt={gain}
      data-ecg={side.ecg.id}
    >
      <header>
        <Who facts={facts} />
        <span>{about}</span>
        {side.ecg.test && <strong>{t('ecg.replay')}</strong>}
        <span className="gh-sp" />
        <b>
          {name} {dayTime(from_ms)}–{clockTime(end_ms)}
        </b>
      </header>
      {side.leads.length === 0 ? (
        <p>{t('ecgcmp.no_samples')}</p>
      ) : (
        <PaperSvg slice={slice} paper={paper} from_ms={from_ms} gain={gain} />
      )}
      <footer>
        <span>
          {speed} mm/s · {gain} mm/mV · {t('ecg.unfiltered')}
        </span>
        <span>{t('ecgcmp.clocks')}</span>
        <span className="gh-sp" />
        <span>{page}</span>
      </footer>
    </article>
  )
}
