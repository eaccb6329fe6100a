/** A code by which another tablet joins this vehicle, without a password being typed. */
import { Refusal, request, type TabletCode } from '@gh/contract'
import { t } from '@gh/i18n'
import { useNow } from '@gh/live'
import { useSession } from '@gh/session'
import { Button, Dialog, Refused } from '@gh/ui'
import { useCallback, useEffect, useState } from 'react'

export function TabletDialog({ onClose }: { onClose: () => void }) {
  const session = useSession()
  const now = useNow()
  const [code, setCode] = useState<TabletCode | null>(null)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const ask = useCallback(() => {
    setRefusal(null)
    request<TabletCode>('POST', '/api/tablets').then(setCode, (error: unknown) =>
      setRefusal(error instanceof Refusal ? error : new Refusal('no_answer')),
    )
  }, [])
  useEffect(ask, [ask])
  const left = code === null ? 0 : Math.ceil((code.expires_ms - now) / 1000)
  return (
    <Dialog
      title={t('crew.tablet_title')}
      onClose={onClose}
      testid="tablet-dialog"
      footer={
        <>
          <Refused refusal={refusal} />
          <Button onClick={ask} data-testid="tablet-again">
            {t('crew.tablet_again')}
          </Button>
        </>
      }
    >
      <div className="crew-tablet">
        {code !== null && left > 0 ? (
          <img alt={t('crew.tablet_qr')} src={code.qr} data-testid="tablet-qr" />
        ) : null}
        <div>
          <p>{t('crew.tablet_scan')}</p>
          {code !== null ? <code data-testid="tablet-url">{code.url}</code> : null}
          <p data-testid="tablet-left">
            {left > 0 ? t('crew.tablet_left', { s: left }) : t('crew.tablet_over')}
          </p>
          <p className="un">{t('crew.tablet_as', { name: session?.name ?? '' })}</p>
        </div>
      </div>
    </Dialog>
  )
}
