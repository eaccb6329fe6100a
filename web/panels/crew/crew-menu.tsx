/** The tablet's menu: who is logged in, what this tablet is for, how it looks, and the call for help. */
import type { MapStatus, UnitRow, VideoStatus } from '@gh/contract'
import { t, tOr, useLang } from '@gh/i18n'
import { logout, useSession } from '@gh/session'
import { followDevice, useTheme } from '@gh/ui'
import { useState } from 'react'
import { CabinSwitch } from './cabin-switch.tsx'
import { NotTakenButton } from './not-taken.tsx'
import { mapText } from './offline-map.tsx'
import { canSpeak, setTablet, useTablet } from './place.ts'
import { missingWord, type PlaceWord } from './position.ts'
import { SosButton } from './sos.tsx'

export const doubleNames = (doubles: readonly string[]): string =>
  doubles.map((name) => tOr(`double.${name}`, name)).join(t('ui.comma'))

export function Menu({
  unit,
  video,
  map,
  now,
  onRun,
  place,
  onTablet,
  onClose,
}: {
  unit: UnitRow | undefined
  video: VideoStatus | null
  map: MapStatus | null
  now: number
  onRun: boolean
  place: PlaceWord | null
  onTablet: () => void
  onClose: () => void
}) {
  const session = useSession()
  const { theme, toggle } = useTheme()
  const tablet = useTablet()
  const { lang, setLang } = useLang()
  const [stayed, setStayed] = useState(false)
  return (
    <div className="crew-menu" data-testid="crew-menu">
      <p>
        {session?.name} · {unit ? `${unit.station_name} ${unit.call_sign}` : session?.org_name}
      </p>
      {session && session.doubles.length > 0 && (
        <p className="un">{t('crew.doubles', { names: doubleNames(session.doubles) })}</p>
      )}
      {place !== null && (
        <p className={missingWord(place) ? 'un' : undefined} data-testid="tablet-place">
          {t(`crew.tablet_place.${place}`)}
        </p>
      )}
      {map && (
        <p className={map.state === 'none' || map.no_room ? 'un' : undefined} data-testid="map-age">
          {mapText(map, now)}
        </p>
      )}
      {video && <p data-testid="filmed">{t('crew.filmed')}</p>}
      {video && onRun && <CabinSwitch video={video} />}
      {unit && <SosButton unit={unit} onCalled={onClose} />}
      <button type="button" className="tap" onClick={toggle} data-testid="theme">
        {t(theme === 'dark' ? 'crew.day_theme' : 'crew.night_theme')}
      </button>
      <button type="button" className="tap" onClick={followDevice} data-testid="theme-auto">
        {t('crew.auto_theme')}
      </button>
      <button
        type="button"
        className="tap"
        aria-pressed={tablet.place === 'driver'}
        onClick={() => setTablet({ place: tablet.place === 'driver' ? 'cabin' : 'driver' })}
        data-testid="place"
      >
        {t('crew.driver_screen')}
      </button>
      {canSpeak() ? (
        <button
          type="button"
          className="tap"
          aria-pressed={tablet.voice}
          onClick={() => setTablet({ voice: !tablet.voice })}
          data-testid="voice"
        >
          {t('crew.voice')}
        </button>
      ) : null}
      <NotTakenButton />
      <button type="button" className="tap" onClick={onTablet} data-testid="tablet-add">
        {t('crew.tablet_add')}
      </button>
      <button
        type="button"
        className="tap"
        onClick={() => setLang(lang === 'en' ? 'zh-CN' : 'en')}
        data-testid="language"
      >
        {lang === 'en' ? '中文' : 'English'}
      </button>
      <button
        type="button"
        className="tap"
        onClick={() => void logout().catch(() => setStayed(true))}
        data-testid="logout"
      >
        {t('crew.logout')}
      </button>
      {stayed && (
        <p className="un" role="alert">
          {t('errors.logout_failed')}
        </p>
      )}
      <button type="button" className="tap" onClick={onClose}>
        {t('ui.close')}
      </button>
    </div>
  )
}
