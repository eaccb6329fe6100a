/** A band is scanned: the triage of its wearer opens, or the band is given to somebody. */
import type { Content, MissionRow, PatientRow, SheetContent } from '@gh/contract'
import { t } from '@gh/i18n'
import { useContent, useSend, uuid7 } from '@gh/live'
import { Refused } from '@gh/ui'
import { useState } from 'react'
import { shownWearer } from '../care/monitors.ts'
import { patientName, sexAge } from '../care/words.ts'

/** A score table; the section of the sheet that asks it has its name. */
const TABLE = 'salt'

export const triageSheet = (content: Content | undefined): SheetContent | undefined =>
  content?.sheets.find((sheet) => sheet.sections.some((section) => section.id === TABLE))

interface Props {
  mission: MissionRow
  /** Of this run, the merged ones too. */
  registered: readonly PatientRow[]
  /** Of the working name of somebody new. */
  letter: string
  onTriage: (patientId: string, sheetId: string) => void
}

export function ScanBand({ mission, registered, letter, onTriage }: Props) {
  const sheetId = triageSheet(useContent())?.about.id
  const [typed, setTyped] = useState('')
  const [unworn, setUnworn] = useState('')
  const [newId] = useState(uuid7)
  const [made, setMade] = useState(false)
  const { send, busy, refusal } = useSend()

  async function open(patientId: string) {
    if (sheetId === undefined) return
    const { sheets } = registered.find((p) => p.id === patientId)?.record ?? { sheets: [] }
    const opened = sheets.some((one) => one.sheet === sheetId)
    if (
      opened ||
      (await send({ kind: 'patient.open_sheet', patient_id: patientId, sheet: sheetId }))
    )
      onTriage(patientId, sheetId)
  }

  async function scan() {
    const code = typed.trim()
    if (code === '' || sheetId === undefined) return
    setTyped('') // the next scan types anew
    const wearer = shownWearer(mission, registered, code)
    setUnworn(wearer === undefined ? code : '')
    if (wearer !== undefined) await open(wearer)
  }

  async function register() {
    // A second press goes on where the first one was refused.
    if (!made) {
      const done = await send({
        kind: 'patient.register',
        patient_id: newId,
        mission_id: mission.id,
        letter,
      })
      if (!done) return
      setMade(true)
    }
    await give(newId)
  }

  async function give(patientId: string) {
    const given = await send({
      kind: 'mission.give_band',
      mission_id: mission.id,
      patient_id: patientId,
      band: unworn,
    })
    if (!given) return
    setUnworn('')
    await open(patientId)
  }

  return (
    <form
      className="crew-form"
      onSubmit={(event) => {
        event.preventDefault()
        void scan()
      }}
    >
      <label className="crew-field">
        <span>
          {t('monitor.scan')} · {t('monitor.scan_hint')}
        </span>
        <input
          className="crew-input num"
          value={typed}
          autoComplete="off"
          // biome-ignore lint/a11y/noAutofocus: a scanner types into the field that has the focus
          autoFocus
          onChange={(event) => setTyped(event.target.value)}
          data-testid="scan-code"
        />
      </label>
      <div className="crew-actions">
        <Refused refusal={refusal} />
        {unworn !== '' && (
          <>
            <p role="status" data-testid="scan-unworn">
              {t('monitor.unworn', { band: unworn })}
            </p>
            <button
              type="button"
              className="tap primary wide"
              disabled={busy || sheetId === undefined}
              onClick={() => void register()}
              data-testid="scan-register"
            >
              {busy ? t('crew.sending') : t('monitor.register_with')}
            </button>
            {registered
              .filter((p) => p.merged_into === '' && p.id !== newId)
              .map((p) => (
                <button
                  key={p.id}
                  type="button"
                  className="tap wide"
                  disabled={busy}
                  onClick={() => void give(p.id)}
                  data-testid={`scan-give-${p.id}`}
                >
                  {t('monitor.give_to', { patient: `${patientName(p)} · ${sexAge(p)}` })}
                </button>
              ))}
          </>
        )}
      </div>
    </form>
  )
}
