/** What the boards share: a case by its name, the heads of columns, the age of a position. */
import type { IncidentRow } from '@gh/contract'
import { duration, t } from '@gh/i18n'
import { useContent, useDoubted, useFix } from '@gh/live'
import { Age } from '@gh/ui'
import { TransferTag } from './transfer.tsx'
import { caseText, personText } from './words.ts'

export const shortNumber = (number: string): string => number.split('-').at(-1) ?? number

export function CaseName({ incident }: { incident: IncidentRow | undefined }) {
  const content = useContent()
  if (incident === undefined) return null
  return (
    <p className="gh-ell">
      <b>
        {shortNumber(incident.number)} {caseText(content, incident)}
      </b>{' '}
      <TransferTag incident={incident} /> {personText(incident)}
    </p>
  )
}

export const Columns = ({ names }: { names: string[] }) => (
  <div className="row ch" aria-hidden="true">
    {names.map((name) => (
      <span key={name}>{name}</span>
    ))}
  </div>
)

export const heads = (...keys: string[]): string[] => keys.map((key) => t(`board.h.${key}`))

export function UnitAge({ unitId }: { unitId: string }) {
  const fix = useFix(unitId)
  const doubted = useDoubted(unitId)
  return (
    <>
      {doubted && (
        <span className="un" title={t('board.doubted_hint')} data-testid={`doubted-${unitId}`}>
          {t('board.doubted')}{' '}
        </span>
      )}
      {fix?.tablet && (
        <span className="gh-m" title={t('board.tablet_hint')} data-testid={`tablet-${unitId}`}>
          {t('board.tablet')}{' '}
        </span>
      )}
      <Age at_ms={fix?.received_ms ?? null} />
    </>
  )
}

/** 30 s, 1′30″, 15′: seconds only where there are some. */
export const limitText = (seconds: number): string =>
  seconds >= 60 && seconds % 60 === 0 ? `${seconds / 60}′` : duration(seconds)
