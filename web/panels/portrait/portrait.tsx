/** The health portrait: alerts first, then the body by system. It never looks like a triage level. */
import type { Colour, Content, PatientRow, PortraitAlertRow, PortraitRow } from '@gh/contract'
import { t, tOr } from '@gh/i18n'
import { useContent, useNow } from '@gh/live'
import { Empty, Skeleton } from '@gh/ui'
import { type ReactNode, useState } from 'react'
import { ageText, dayTime } from '../care/format.ts'
import { ColourMark, Figure } from './figure.tsx'
import './portrait.css'
import {
  alertMarks,
  alertName,
  itemMarks,
  itemText,
  ppeName,
  regionName,
  toldAllergies,
} from './words.ts'

/** `ask`: what the reader can do about a missing record; the hospital can do nothing. */
export function Portrait({ patient, ask }: { patient: PatientRow; ask?: ReactNode }) {
  const content = useContent()
  const now = useNow()
  const { portrait } = patient
  if (content === undefined) return <Skeleton rows={4} />
  if (portrait === null)
    return (
      <div className="pt" data-testid="portrait" data-state="never">
        <Told patient={patient} content={content} />
        <Empty title={t('portrait.never')} hint={t('portrait.never_hint')} />
        {ask}
      </div>
    )
  return (
    <div className="pt" data-testid="portrait" data-state={portrait.state}>
      <Told patient={patient} content={content} />
      {portrait.state === 'asking' && (
        <p className="pt-state" role="status">
          <b>{t('portrait.asking')}</b>{' '}
          {t('portrait.asking_hint', { age: ageText(now - portrait.asked_ms) })}
        </p>
      )}
      {portrait.state === 'failed' && (
        <p className="pt-state bad" role="alert">
          <b>
            {t('portrait.failed', {
              reason: tOr(`portrait.reason.${portrait.reason}`, portrait.reason),
            })}
          </b>{' '}
          {portrait.detail !== '' && t('portrait.failed_detail', { detail: portrait.detail })}{' '}
          {portrait.again && t('portrait.again')}
        </p>
      )}
      {ask}
      {portrait.state !== 'found' && portrait.taken_ms !== null && (
        <p className="pt-note">{t('portrait.kept', { time: dayTime(portrait.taken_ms) })}</p>
      )}
      {portrait.taken_ms !== null && <Taken portrait={portrait} content={content} />}
    </div>
  )
}

const WORST_FIRST: readonly Colour[] = ['red', 'orange', 'green', 'grey']

function Taken({ portrait, content }: { portrait: PortraitRow; content: Content }) {
  const [chosen, setChosen] = useState('')
  const empty = portrait.as_of_day === '' && portrait.alerts.length === 0
  const shown = portrait.regions.filter((r) => chosen === '' || r.region === chosen)
  const told = shown
    .filter((region) => region.items.length > 0)
    .sort((a, b) => WORST_FIRST.indexOf(a.colour) - WORST_FIRST.indexOf(b.colour))
  const silent = shown.filter((region) => region.items.length === 0)
  return (
    <>
      <PortraitAlerts portrait={portrait} content={content} />
      {empty && <p className="pt-note">{t('portrait.empty')}</p>}
      <div className="pt-body">
        <Figure
          regions={portrait.regions}
          names={(id) => regionName(content, id)}
          chosen={chosen}
          onChoose={setChosen}
        />
        <ul className="pt-regions">
          {told.map((region) => (
            <li key={region.region} data-testid={`portrait-${region.region}`}>
              <h4 className={`pt-${region.colour}`}>
                <ColourMark colour={region.colour} />
                {regionName(content, region.region)}
                <small>{t(`portrait.colour.${region.colour}`)}</small>
              </h4>
              {region.items.map((item) => (
                <p
                  key={`${item.rule}/${item.name}/${item.day}`}
                  className={item.old ? 'old' : undefined}
                >
                  {itemText(content, item)}{' '}
                  <small>
                    {itemMarks(item)}
                    {item.old && <i className="pt-old">{t('portrait.old')}</i>}
                  </small>
                </p>
              ))}
            </li>
          ))}
          {silent.length > 0 && (
            <li className="pt-silent">
              <h4 className="pt-grey">
                <ColourMark colour="grey" />
                {silent.map((region) => regionName(content, region.region)).join(t('ui.comma'))}
              </h4>
              <p>
                <small>{t('portrait.grey_note')}</small>
              </p>
            </li>
          )}
          {portrait.others.length > 0 && chosen === '' && (
            <li className="pt-silent">
              <h4>{t('portrait.others')}</h4>
              {portrait.others.map((item) => (
                <p key={`${item.name}/${item.day}`}>
                  {item.name ?? t('portrait.nameless')} <small>{itemMarks(item)}</small>
                </p>
              ))}
            </li>
          )}
        </ul>
      </div>
      <div className="pt-foot">
        {portrait.not_understood > 0 && (
          <b className="un">{t('portrait.not_understood', { n: portrait.not_understood })}</b>
        )}
        {portrait.contacts.length > 0 && (
          <span>
            {t('portrait.contacts')} {portrait.contacts.join(t('ui.comma'))}
          </span>
        )}
        <span>
          {portrait.as_of_day !== '' && `${t('portrait.as_of', { day: portrait.as_of_day })} · `}
          {portrait.taken_ms !== null &&
            `${t('portrait.taken', { time: dayTime(portrait.taken_ms) })} · `}
          {t('portrait.logged', { basis: t(`portrait.basis.${portrait.basis}`) })} ·{' '}
          {t('portrait.not_triage')}
        </span>
      </div>
    </>
  )
}

/** What the crew was told stands above the resident's record, and where there is none. */
function Told({ patient, content }: { patient: PatientRow; content: Content }) {
  const names = toldAllergies(content, patient)
  if (names.length === 0) return null
  return (
    <p className="pt-alert grave" data-testid="portrait-told">
      <b>{t('portrait.kind.allergy')}</b> <strong>{names.join(t('ui.comma'))}</strong>{' '}
      <span>{t('portrait.told')}</span>
    </p>
  )
}

/** Allergies first, then what to put on; the diagnosis behind it only on a touch. */
export function PortraitAlerts({ portrait, content }: { portrait: PortraitRow; content: Content }) {
  if (portrait.alerts.length === 0) return <p className="pt-note">{t('portrait.no_alerts')}</p>
  return (
    <ul className="pt-alerts" aria-label={t('portrait.alerts')} data-testid="portrait-alerts">
      {portrait.alerts.map((alert) => (
        <AlertLine
          key={`${alert.kind}/${alert.id}/${alert.name}`}
          alert={alert}
          content={content}
        />
      ))}
    </ul>
  )
}

function AlertLine({ alert, content }: { alert: PortraitAlertRow; content: Content }) {
  const [open, setOpen] = useState(alert.kind !== 'infection')
  const grave = alert.kind === 'allergy' && alert.id !== 'none'
  const flash = alert.severity === 'anaphylaxis' ? 'flash' : ''
  return (
    <li className={`pt-alert ${grave ? 'grave' : ''} ${flash} k-${alert.kind}`}>
      <b>{t(`portrait.kind.${alert.kind}`)}</b>{' '}
      <strong>
        {alert.kind === 'infection' ? ppeName(content, alert.ppe) : alertName(content, alert)}
      </strong>{' '}
      {alert.kind === 'infection' && (
        <button type="button" className="pt-detail" onClick={() => setOpen(!open)}>
          {t(open ? 'portrait.hide_detail' : 'portrait.show_detail')}
        </button>
      )}
      {open && (
        <span>
          {alert.kind === 'infection' && `${alertName(content, alert)} · `}
          {alertMarks(content, alert).join(' · ')}
          {alert.source !== null && ` · ${alert.source}`}
          {alert.old && <i className="pt-old">{t('portrait.old')}</i>}
        </span>
      )}
      {alert.against.map((item) => (
        <span key={`${item.name}/${item.day}`} className="pt-against">
          {t('portrait.against')}: {item.name ?? t('portrait.nameless')} ·{' '}
          {itemMarks({ ...item, against: false })}
        </span>
      ))}
    </li>
  )
}
