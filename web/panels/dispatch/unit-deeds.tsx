import { OUT_OF_SERVICE_REASONS, query, type Shift, type UnitRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useContent, useFix, useSend } from '@gh/live'
import { Button, Refused } from '@gh/ui'
import { useState } from 'react'
import { useGet } from '../care/query.ts'
import { defectWords } from '../care/shift.ts'
import { crewText } from '../roster/model.ts'
import { AskUnit } from './asks.tsx'
import { shortNumber } from './board-parts.tsx'
import { CodeDialog } from './case-dialogs.tsx'
import { useDesk, useDispatch } from './desk.tsx'
import { EndHelp } from './end-help.tsx'
import { HomeNode } from './home-node.tsx'

/** What can be done with a unit that has no task. */
export function UnitDeeds({ unit }: { unit: UnitRow }) {
  const { incident } = useDesk()
  const { send, busy, refusal, dismiss } = useSend()
  const dispatch = useDispatch()
  const [out, setOut] = useState(false)
  const list = useContent()?.shift_check
  const check = unit.checks[0]
  const fix = useFix(unit.id)
  const off = unit.state === 'off_duty'
  const ready = unit.state === 'ready'
  const planned = useGet<Shift[]>(
    off || ready ? query('/api/roster/planned', { unit_id: unit.id }) : null,
  ).data?.[0]?.crew
  const crew = planned?.length ? planned.map((one) => one.name) : unit.crew
  const others = ready && crew.join('\n') !== unit.crew.join('\n')
  return (
    <div className="unitdeeds">
      <span className="gh-m gh-s gh-ell">
        {off && planned?.length
          ? t('unit.planned_crew', { names: crewText(planned) })
          : unit.crew.length > 0
            ? unit.crew.join(t('ui.comma'))
            : t('unit.no_crew')}
      </span>
      {check && check.defects.length > 0 ? (
        <b className="gh-tag warn" data-testid="unit-defects">
          {t('shift.defects', { what: defectWords(check, list).join(t('ui.comma')) })}
        </b>
      ) : null}
      {fix?.tablet ? (
        <span className="gh-m gh-s" data-testid="unit-tablet">
          {t('board.tablet_hint')}
        </span>
      ) : null}
      <HomeNode unit={unit} />
      <span className="gh-sp" />
      <AskUnit unit={unit} />
      <EndHelp unit={unit} />
      {ready && incident?.state === 'open' && incident.dispatchable ? (
        <Button
          look="primary"
          busy={dispatch.busy}
          onClick={() => void dispatch.assign(unit.id)}
          data-testid="unit-send"
        >
          {t('unit.send', { number: shortNumber(incident.number) })}
        </Button>
      ) : null}
      {unit.away ? null : unit.state === 'out_of_service' ? (
        <Button
          busy={busy}
          onClick={() => void send({ kind: 'unit.put_back_in_service', unit_id: unit.id })}
          data-testid="unit-back"
        >
          {t('unit.back')}
        </Button>
      ) : (
        <Button onClick={() => setOut(true)} data-testid="unit-out">
          {t('unit.out')}
        </Button>
      )}
      {others ? (
        <Button
          busy={busy}
          title={crew.join(t('ui.comma'))}
          onClick={() =>
            void send({ kind: 'unit.set_duty', unit_id: unit.id, on_duty: true, crew })
          }
          data-testid="unit-relieve"
        >
          {t('unit.relieve')}
        </Button>
      ) : null}
      {ready ? (
        <Button
          busy={busy}
          onClick={() =>
            void send({ kind: 'unit.set_duty', unit_id: unit.id, on_duty: false, crew: [] })
          }
          data-testid="unit-off-duty"
        >
          {t('unit.off_duty')}
        </Button>
      ) : null}
      {off ? (
        <Button
          busy={busy}
          onClick={() =>
            void send({ kind: 'unit.set_duty', unit_id: unit.id, on_duty: true, crew })
          }
          data-testid="unit-on-duty"
        >
          {t('unit.on_duty')}
        </Button>
      ) : null}
      <Refused
        refusal={refusal ?? dispatch.refusal}
        dismiss={() => {
          dismiss()
          dispatch.dismiss()
        }}
      />
      {out ? (
        <CodeDialog
          title={t('unit.out_title', { unit: unit.call_sign })}
          codes={OUT_OF_SERVICE_REASONS}
          prefix="oos"
          command={(reason) => ({ kind: 'unit.take_out_of_service', unit_id: unit.id, reason })}
          onClose={() => setOut(false)}
          testid="out-dialog"
        />
      ) : null}
    </div>
  )
}
