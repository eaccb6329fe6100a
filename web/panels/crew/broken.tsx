/** The channel to the server behind this page is gone; what stands here may be old. */
import { t, useLang } from '@gh/i18n'
import { useLink, useNow } from '@gh/live'
import { memo } from 'react'
import { span } from '../care/format.ts'
import { WarnMark } from '../care/marks.tsx'

export const Broken = memo(function Broken() {
  useLang()
  const link = useLink()
  const now = useNow()
  if (link.state === 'live' || (link.state === 'connecting' && link.at === 0)) return null
  return (
    <div className="crew-broken" role="alert" data-testid="broken">
      <WarnMark />
      {t('crew.link_broken', { age: span((now - link.since_ms) / 1000) })}
    </div>
  )
})
