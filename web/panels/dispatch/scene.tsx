/** What crews scored of a scene, and what that asks of the centre, the police and the fire service. */
import type { AlertRow, IncidentRow, PatientRow, SheetContent, SheetRead } from '@gh/contract'
import { clockTime, t, tOr } from '@gh/i18n'
import { useContent, useSend, useTable } from '@gh/live'
import { Button, Dialog, LevelBadge, Refused } from '@gh/ui'
import { useState } from 'react'
import { useWho } from '../care/who.ts'
import { levelRank } from './model.ts'
import { say } from './words.ts'

const WHO = ['centre', 'police', 'fire', 'crew'] as const

export interface Scene {
  patient: PatientRow
  reading: SheetRead
  alert: AlertRow | undefined
}

/** The scenes of a case, the gravest first. */
export function scenesOf(
  incident: Pick<IncidentRow, 'id'> | undefined,
  patients: readonly PatientRow[],
  alerts: readonly AlertRow[],
): Scene[] {
  return patients
    .filter((patient) => patient.incident_id === incident?.id)
    .flatMap((patient) =>
      patient.record.sheets
        .filter((reading) => reading.response !== null)
        .map((reading) => ({
          patient,
          reading,
          alert: alerts.find((one) => one.id === `scene_asks.${patient.id}`),
        })),
    )
    .sort((a, b) => levelRank(a.reading.response ?? '') - levelRank(b.reading.response ?? ''))
}

/** Whom the alert asks for, in words. */
export const askedText = (details: AlertRow['details']): string =>
  (details.who ?? '')
    .split(',')
    .filter((who) => who !== '')
    .map((who) => tOr(`record.who.${who}`, who))
    .join(t('ui.comma'))

/** The button at the case; it is marked until somebody has seen what is asked. */
export function SceneButton({ incident }: { incident: IncidentRow }) {
  const scenes = scenesOf(incident, useTable('patients'), useTable('alerts'))
  const [open, setOpen] = useState(false)
  const first = scenes[0]
  if (first === undefined) return null
  const asks = scenes.some((one) => one.alert?.state === 'open')
  return (
    <>
      <Button
        look={asks ? 'primary' : undefined}
        onClick={() => setOpen(true)}
        data-testid="scene-open"
        data-asks={asks || undefined}
      >
        {t('scene.title')} <LevelBadge level={first.reading.response ?? ''} />
      </Button>
      {open ? (
        <SceneDialog incident={incident} scenes={scenes} onClose={() => setOpen(false)} />
      ) : null}
    </>
  )
}

function SceneDialog(props: { incident: IncidentRow; scenes: Scene[]; onClose: () => void }) {
  const { incident, scenes } = props
  const { send, busy, refusal } = useSend()
  const open = scenes.flatMap(({ alert }) => (alert?.state === 'open' ? [alert] : []))
  return (
    <Dialog
      title={t('scene.title')}
      onClose={props.onClose}
      testid="scene-dialog"
      footer={
        <>
          <Refused refusal={refusal} />
          {open.length > 0 ? (
            <Button
              look="primary"
              busy={busy}
              onClick={() => {
                for (const alert of open)
                  void send({ kind: 'alert.acknowledge', alert_id: alert.id })
              }}
              data-testid="scene-seen"
            >
              {t('scene.seen')}
            </Button>
          ) : null}
        </>
      }
    >
      {scenes.map((scene) => (
        <OneScene
          key={`${scene.patient.id} ${scene.reading.sheet}`}
          scene={scene}
          level={incident.level}
        />
      ))}
    </Dialog>
  )
}

function OneScene({ scene, level }: { scene: Scene; level: string }) {
  const { patient, reading, alert } = scene
  const content = useContent()
  const who = useWho(useTable('log'))
  const sheet = content?.sheets.find((one) => one.about.id === reading.sheet)
  if (content === undefined || sheet === undefined) return null
  const response = reading.response ?? ''
  return (
    <section data-testid={`scene-${patient.id}`}>
      <p>
        <b>{patient.call_sign}</b> {say(sheet.about.title)}: {t('record.response')}{' '}
        {reading.status === 'complete' ? null : <b className="gh-warnt">{t('record.at_least')}</b>}{' '}
        <LevelBadge level={response} />{' '}
        {reading.scores.map((score) => {
          const table = content.scores[score.table.split('@')[0] ?? '']
          return (
            <span key={score.table}>
              {score.complete ? '' : '≥ '}
              {score.total ?? '--'} {say(table?.bands.find((one) => one.id === score.band)?.title)}
            </span>
          )
        })}
      </p>
      {levelRank(response) < levelRank(level) ? (
        <p className="gh-warnt" data-testid="scene-graver">
          {t('scene.graver', { asked: response, level: level || t('scene.no_level') })}
        </p>
      ) : null}
      <p className="gh-m">
        {reading.responses
          .map((id) => say(sheet.responses?.find((row) => row.id === id)))
          .join(' · ')}
      </p>
      {WHO.map((one) => (
        <Measures key={one} who={one} sheet={sheet} reading={reading} />
      ))}
      <p className="gh-m gh-s">
        {alert?.acknowledged_ms == null
          ? t('scene.unseen')
          : t('alerts.seen', {
              name: who(alert.acknowledged_by),
              at: clockTime(alert.acknowledged_ms),
            })}
      </p>
    </section>
  )
}

function Measures(props: { who: (typeof WHO)[number]; sheet: SheetContent; reading: SheetRead }) {
  const found = props.sheet.actions.filter(
    (row) => (row.who ?? 'crew') === props.who && props.reading.actions.includes(row.id),
  )
  if (found.length === 0) return null
  return (
    <div data-testid={`scene-${props.who}`}>
      <h4>{t(props.who === 'crew' ? 'scene.crew' : `record.who.${props.who}`)}</h4>
      <ul>
        {found.map((row) => (
          <li key={row.id}>{say(row)}</li>
        ))}
      </ul>
    </div>
  )
}
