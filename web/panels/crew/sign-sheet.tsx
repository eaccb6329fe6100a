/** A hand-over is complete with two signatures, one a side, by named people. */
import type { HandoverRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { useSend } from '@gh/live'
import { useSession } from '@gh/session'
import { Refused } from '@gh/ui'
import { useState } from 'react'
import { clockTime } from '../care/format.ts'
import { Sheet } from './sheet.tsx'

export function SignSheet({ handover, onClose }: { handover: HandoverRow; onClose: () => void }) {
  const session = useSession()
  const [name, setName] = useState(session?.name ?? '')
  const { send, busy, refusal } = useSend()
  return (
    <Sheet title={t('crew.sign_title')} onClose={onClose} testId="sign-sheet">
      <div className="crew-form two sign">
        {(['crew', 'hospital'] as const).map((side) => {
          const signature = handover.signatures[side]
          return (
            <div key={side} className="crew-signature" data-testid={`signature-${side}`}>
              <h3>{t(`care.side.${side}`)}</h3>
              {signature ? (
                <>
                  <b className="big">✓ {signature.name}</b>
                  <span className="num mu">{clockTime(signature.at_ms)}</span>
                </>
              ) : side === 'hospital' ? (
                <p className="mu">
                  {t('crew.hospital_signs', {
                    name: handover.acknowledged_name || t('ui.unknown'),
                  })}
                </p>
              ) : (
                <>
                  <label className="crew-field">
                    <span>{t('crew.signer')}</span>
                    <input
                      className="crew-input"
                      value={name}
                      onChange={(e) => setName(e.target.value)}
                      data-testid="sign-name"
                    />
                  </label>
                  <Refused refusal={refusal} />
                  {name.trim() === '' ? (
                    <p className="mu">{t('crew.name_first')}</p>
                  ) : (
                    <button
                      type="button"
                      className="tap primary wide"
                      disabled={busy}
                      onClick={() =>
                        void send({
                          kind: 'handover.sign',
                          handover_id: handover.id,
                          side: 'crew',
                          name: name.trim(),
                        })
                      }
                      data-testid="sign"
                    >
                      {busy ? t('crew.sending') : t('crew.sign')}
                    </button>
                  )}
                </>
              )}
            </div>
          )
        })}
      </div>
      {handover.state === 'handed_over' && <p className="ok">{t('crew.handed_over')}</p>}
    </Sheet>
  )
}
