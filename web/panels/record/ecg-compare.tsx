/**
 * An earlier ECG beside this one: both on one paper, the difference of their measurements below.
 *
 * Rule 1: nothing is interpreted: there are two recordings and numbers, and a physician reads them.
 * Rule 2: that no earlier ECG is known, that nobody could look for one, and that one may not be read
 *         are three different things and are told apart.
 */
import type { DrawnEcg, EcgChanges, KnownEcg, KnownEcgs } from '@gh/contract'
import { t } from '@gh/i18n'
import { Button, Empty, ErrorNote, Skeleton, useHotkeys, useTheme } from '@gh/ui'
import { EcgPair, FIRST_VIEW, GAINS, PrintPair, SPEEDS, type View } from '@gh/waveform'
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react'
import { createPortal } from 'react-dom'
import { codeOf } from '../care/query.ts'
import './ecg-compare.css'
import {
  firstPair,
  plain,
  type Side,
  searchKey,
  signed,
  stepFrom,
  useComparison,
  useKnown,
  whenText,
} from './ecg-compare.ts'

interface Props {
  patientId: string
  /** Whose ECGs they are, as the screen beneath says it. */
  who: string
}

export function EcgCompareButton({ patientId, who }: Props) {
  const [open, setOpen] = useState(false)
  const close = useCallback(() => setOpen(false), [])
  return (
    <>
      <Button onClick={() => setOpen(true)} data-testid="ecgcmp-open">
        {t('ecgcmp.open')}
      </Button>
      {open && <EcgCompare patientId={patientId} who={who} onClose={close} />}
    </>
  )
}

function EcgCompare({ patientId, who, onClose }: Props & { onClose: () => void }) {
  const frame = useRef<HTMLDialogElement>(null)
  const { theme } = useTheme()
  const known = useKnown(patientId)
  useEffect(() => {
    const dialog = frame.current
    if (dialog === null || dialog.open) return
    dialog.showModal()
    dialog.focus()
  }, [])
  useHotkeys({ Escape: onClose }, true, true)
  return createPortal(
    <dialog
      ref={frame}
      tabIndex={-1}
      className={`ecg-viewer ecgcmp${theme === 'dark' ? ' dark' : ''}`}
      aria-label={t('ecgcmp.title')}
      data-testid="ecgcmp"
      onCancel={(event) => event.preventDefault()}
    >
      <header className="ecg-head">
        <h2>{t('ecgcmp.title')}</h2>
        <b className="who">{who}</b>
        <span className="gh-sp" />
        <Button keycap="Esc" onClick={onClose} data-testid="ecgcmp-close">
          {t('ecg.close')}
        </Button>
      </header>
      {known.isPending ? (
        <Skeleton rows={8} />
      ) : known.isError ? (
        <Failed problem={known.error} retry={() => void known.refetch()} />
      ) : (
        <Chosen patientId={patientId} who={who} known={known.data} dark={theme === 'dark'} />
      )}
    </dialog>,
    document.body,
  )
}

/** What may not be read is no failure, and asking again would not help. */
function Failed({ problem, retry }: { problem: unknown; retry: () => void }) {
  if (codeOf(problem) === 'absent')
    return (
      <div data-testid="ecgcmp-not-readable">
        <Empty title={t('ecgcmp.not_readable')} hint={t('ecgcmp.not_readable_hint')} />
      </div>
    )
  return <ErrorNote what={t('ecgcmp.failed')} works={t('ecgcmp.failed_works')} retry={retry} />
}

interface ChosenProps {
  patientId: string
  who: string
  known: KnownEcgs
  dark: boolean
}

function Chosen({ patientId, who, known, dark }: ChosenProps) {
  const { ecgs, search } = known
  const [own, before] = firstPair(ecgs)
  const [one, setOne] = useState<Side | null>(own && { id: own.id, from_ms: 0 })
  const [other, setOther] = useState<Side | null>(before && { id: before.id, from_ms: 0 })
  const [view, setView] = useState<View>(FIRST_VIEW)
  const compared = useComparison(patientId, one, other)
  const [printing, setPrinting] = useState(false)
  usePrinted(printing, setPrinting)
  const none = !ecgs.some((ecg) => ecg.earlier)
  const said = (
    <div className="ecgcmp-said" data-testid="ecgcmp-search" data-search={search ?? 'no_history'}>
      <Empty title={t(searchKey(search))} hint={t(`${searchKey(search)}_hint`)} />
    </div>
  )
  if (one === null || other === null)
    return (
      <main className="ecgcmp-none">
        {one === null && <Empty title={t('ecgcmp.none_now')} hint={t('ecgcmp.none_now_hint')} />}
        {none && said}
      </main>
    )
  const turn = (side: Side, by: -1 | 1) => {
    const ecg = ecgs.find((each) => each.id === side.id)
    const from_ms = ecg && stepFrom(ecg, side.from_ms, by)
    if (from_ms === null || from_ms === undefined) return undefined
    return () => (side === one ? setOne : setOther)({ ...side, from_ms })
  }
  return (
    <>
      <div className="ecg-bar" role="toolbar" aria-label={t('ecg.tools')}>
        <Pick which="this" ecgs={ecgs} side={one} not={other} onPick={setOne} />
        <Pick which="with" ecgs={ecgs} side={other} not={one} onPick={setOther} />
        <Scale view={view} onView={setView} />
        <Button
          disabled={compared.data === undefined || compared.isPlaceholderData}
          onClick={() => setPrinting(true)}
          data-testid="ecgcmp-print"
        >
          {t('ecg.print')}
        </Button>
      </div>
      {none && said}
      {compared.isError ? (
        <Failed problem={compared.error} retry={() => void compared.refetch()} />
      ) : compared.data === undefined ? (
        <Skeleton rows={8} />
      ) : (
        <main className="ecgcmp-both" aria-busy={compared.isPlaceholderData}>
          <EcgPair
            older={compared.data.older}
            newer={compared.data.newer}
            view={view}
            dark={dark}
            head={(side) => {
              const mine = side.ecg.id === one.id ? one : other
              return <Head side={side} back={turn(mine, -1)} on={turn(mine, 1)} />
            }}
          />
          {compared.data.changes === null ? (
            <p className="gh-m" data-testid="ecgcmp-no-numbers">
              {t('ecgcmp.no_numbers')}
            </p>
          ) : (
            <Changes changes={compared.data.changes} />
          )}
          {printing && (
            <PrintPair
              older={compared.data.older}
              newer={compared.data.newer}
              view={view}
              facts={{ patient: who, case_number: '', unit: '' }}
              about={aboutText}
              numbers={
                compared.data.changes === null ? (
                  <p>{t('ecgcmp.no_numbers')}</p>
                ) : (
                  <Changes changes={compared.data.changes} />
                )
              }
            />
          )}
        </main>
      )}
      <footer className="ecg-status">
        <b data-testid="ecgcmp-scale">
          {view.speed} mm/s · {view.gain} mm/mV
        </b>
        <span className="gh-m">{t('ecg.unfiltered')}</span>
        <span className="gh-m">{t('ecgcmp.clocks')}</span>
        <span className="gh-sp" />
        <b>{t('ecg.suspected')}</b>
      </footer>
    </>
  )
}

/** Two pictures later the sheets are there for the printer; they stand until it has taken them. */
function usePrinted(printing: boolean, setPrinting: (on: boolean) => void) {
  useEffect(() => {
    if (!printing) return
    const over = () => setPrinting(false)
    globalThis.addEventListener('afterprint', over)
    const frame = requestAnimationFrame(() => requestAnimationFrame(() => globalThis.print()))
    return () => {
      cancelAnimationFrame(frame)
      globalThis.removeEventListener('afterprint', over)
    }
  }, [printing, setPrinting])
}

/** Whose case it is of and from what, as one line of a printed sheet. */
const aboutText = ({ ecg }: DrawnEcg): string =>
  [
    t(ecg.earlier ? 'ecgcmp.earlier_case' : 'ecgcmp.this_case'),
    ecg.number,
    t(`ecgcmp.source.${ecg.source}`),
    ecg.device && t('ecg.device', { id: ecg.device }),
    ecg.name,
    ecg.at_ms === null && t('ecgcmp.no_device_time'),
  ]
    .filter(Boolean)
    .join(' · ')

interface PickProps {
  which: 'this' | 'with'
  ecgs: readonly KnownEcg[]
  side: Side
  /** What stands on the other side. */
  not: Side
  onPick: (side: Side) => void
}

function Pick({ which, ecgs, side, not, onPick }: PickProps) {
  return (
    <label className="ecgcmp-pick">
      <span>{t(`ecgcmp.${which}`)}</span>
      <select
        value={side.id}
        onChange={(event) => onPick({ id: event.target.value, from_ms: 0 })}
        data-testid={`ecgcmp-pick-${which}`}
      >
        {ecgs.map((ecg) => (
          <option key={ecg.id} value={ecg.id} disabled={ecg.id === not.id}>
            {[
              whenText(ecg),
              t(ecg.earlier ? 'ecgcmp.earlier_case' : 'ecgcmp.this_case'),
              t(`ecgcmp.source.${ecg.source}`),
              ecg.device || ecg.name,
            ]
              .filter(Boolean)
              .join(' · ')}
          </option>
        ))}
      </select>
    </label>
  )
}

function Scale({ view, onView }: { view: View; onView: (view: View) => void }) {
  return (
    <>
      <Group label="mm/s">
        {SPEEDS.map((speed) => (
          <Button
            key={speed}
            on={view.speed === speed}
            onClick={() => onView({ ...view, speed })}
            data-testid={`ecgcmp-speed-${speed}`}
          >
            {speed}
          </Button>
        ))}
      </Group>
      <Group label="mm/mV">
        {GAINS.map((gain) => (
          <Button
            key={gain}
            on={view.gain === gain}
            onClick={() => onView({ ...view, gain })}
            data-testid={`ecgcmp-gain-${gain}`}
          >
            {gain}
          </Button>
        ))}
      </Group>
      <Group label={t('ecg.size')}>
        <Button on={view.fit} onClick={() => onView({ ...view, fit: true })}>
          {t('ecg.fit')}
        </Button>
        <Button
          on={!view.fit}
          onClick={() => onView({ ...view, fit: false })}
          data-testid="ecgcmp-true-size"
        >
          1:1
        </Button>
      </Group>
    </>
  )
}

const Group = ({ label, children }: { label: string; children: ReactNode }) => (
  <fieldset className="ecg-group">
    <legend>{label}</legend>
    <div>{children}</div>
  </fieldset>
)

interface HeadProps {
  side: DrawnEcg
  back: (() => void) | undefined
  on: (() => void) | undefined
}

/** Whose case, when, and from what: enough to tell two sheets apart on paper as well. */
function Head({ side, back, on }: HeadProps) {
  const { ecg } = side
  return (
    <header className="ecgcmp-head" data-earlier={ecg.earlier}>
      <b>{whenText(ecg)}</b>
      {ecg.at_ms === null && <em>{t('ecgcmp.no_device_time')}</em>}
      <span>{t(ecg.earlier ? 'ecgcmp.earlier_case' : 'ecgcmp.this_case')}</span>
      {ecg.number && <span className="num">{ecg.number}</span>}
      <span>{t(`ecgcmp.source.${ecg.source}`)}</span>
      {ecg.device && <span>{t('ecg.device', { id: ecg.device })}</span>}
      {ecg.name && <span>{ecg.name}</span>}
      {ecg.test && <em className="ecg-replay">{t('ecg.replay')}</em>}
      {!side.recorded && side.measured !== null && <span>{t('ecgcmp.measured_now')}</span>}
      {(back ?? on) !== undefined && (
        <span className="ecgcmp-turn">
          <Button disabled={back === undefined} onClick={back} aria-label={t('ecgcmp.back')}>
            ◀
          </Button>
          <b className="num">{t('ecgcmp.from', { s: side.from_ms / 1000 })}</b>
          <Button disabled={on === undefined} onClick={on} aria-label={t('ecgcmp.on')}>
            ▶
          </Button>
        </span>
      )}
    </header>
  )
}

const MM_DIGITS = 1

function Changes({ changes }: { changes: EcgChanges }) {
  const columns = [
    ...changes.numbers.map((one) => ({
      name: `${t(`ecgcmp.number.${one.what}`)} (${one.unit})`,
      cells: [plain(one.older, 0), plain(one.newer, 0), signed(one.change, 0)],
    })),
    ...changes.leads.map((one) => ({
      name: `ST ${one.lead} (mm)`,
      cells: [
        plain(one.older_mm, MM_DIGITS),
        plain(one.newer_mm, MM_DIGITS),
        signed(one.change_mm, MM_DIGITS),
      ],
    })),
  ]
  const rows = ['ecgcmp.older', 'ecgcmp.newer', 'ecgcmp.change']
  return (
    <div className="ecgcmp-table">
      <table className="num" data-testid="ecgcmp-table">
        <thead>
          <tr>
            <th />
            {columns.map((column) => (
              <th key={column.name}>{column.name}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, place) => (
            <tr key={row} className={row === 'ecgcmp.change' ? 'change' : ''}>
              <th>{t(row)}</th>
              {columns.map((column) => (
                <td key={column.name}>{column.cells[place]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
