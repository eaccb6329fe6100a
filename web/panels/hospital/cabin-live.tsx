/** The cabin of the vehicle that brings the patient, live: on a press, and as long as it is in sight. */
import type { MissionRow } from '@gh/contract'
import { t } from '@gh/i18n'
import { serverNow, useNow } from '@gh/live'
import { Button, Empty, Panel } from '@gh/ui'
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { ageText } from '../care/format.ts'
import { hasDecoder } from '../review/player.ts'
import { keepsPicture, type Look, lookWord } from './cabin.ts'
import { CabinFeed } from './cabin-feed.ts'
import { LivePlayer } from './cabin-player.ts'

const NOTHING: Look = {
  ended: '',
  connected: false,
  begun_ms: Number.POSITIVE_INFINITY,
  told: null,
  arrived_ms: null,
  received_ms: null,
  playable: true,
}
const never = () => () => {}

export function CabinLive({ mission }: { mission: MissionRow | undefined }) {
  const [open, setOpen] = useState(false)
  useEffect(() => {
    // Nobody watches a page that is not in sight, and the crew reads that somebody does.
    const left = () => document.hidden && setOpen(false)
    document.addEventListener('visibilitychange', left)
    return () => document.removeEventListener('visibilitychange', left)
  }, [])
  if (!open)
    return (
      <Button className="hs-cabin-open" onClick={() => setOpen(true)} data-testid="cabin-open">
        {t('cabin.open')}
      </Button>
    )
  return (
    <Panel
      title={t('cabin.title')}
      className="hs-cabin"
      testid="cabin-live"
      extra={
        <Button look="quiet" onClick={() => setOpen(false)} data-testid="cabin-close">
          {t('cabin.stop')}
        </Button>
      }
    >
      {!mission?.active ? (
        <Empty title={t('cabin.not_on_run')} />
      ) : hasDecoder() ? (
        <Watched key={mission.id} missionId={mission.id} />
      ) : (
        <Empty title={t('cabin.no_decoder')} />
      )}
    </Panel>
  )
}

function Watched({ missionId }: { missionId: string }) {
  const [camera, setCamera] = useState('')
  const [cameras, setCameras] = useState<readonly string[]>([])
  return (
    <>
      {cameras.length > 1 && (
        <div className="gh-row hs-cabin-choice">
          {cameras.map((one) => (
            <Button key={one} on={one === (camera || cameras[0])} onClick={() => setCamera(one)}>
              {cameraName(one)}
            </Button>
          ))}
        </div>
      )}
      <Screen key={camera} missionId={missionId} camera={camera} onCameras={setCameras} />
    </>
  )
}

/** `DEVICE/CHANNEL` as a label shows it. */
function cameraName(camera: string): string {
  const [device = '', channel = ''] = camera.split('/')
  return t('video.camera', { device: device.slice(-4), channel })
}

interface ScreenProps {
  missionId: string
  /** Empty: the first that there is. */
  camera: string
  onCameras: (cameras: readonly string[]) => void
}

function Screen({ missionId, camera, onCameras }: ScreenProps) {
  const now = useNow()
  const canvas = useRef<HTMLCanvasElement>(null)
  const [feed, setFeed] = useState<CabinFeed | null>(null)
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    const player = new LivePlayer(
      (frame) => {
        setFailed(false)
        paint(canvas.current, frame)
      },
      () => setFailed(true),
    )
    const made = new CabinFeed(missionId, camera, (picture) => player.show(picture))
    made.start()
    setFeed(made)
    return () => {
      made.stop()
      player.close()
    }
  }, [missionId, camera])
  const look = useSyncExternalStore(feed?.subscribe ?? never, () => feed?.look ?? NOTHING)
  const { told } = look
  const cameras = told?.cameras.join(' ') ?? ''
  useEffect(() => {
    // The choice stays in sight while the next camera is being connected.
    if (cameras !== '') onCameras(cameras.split(' '))
  }, [cameras, onCameras])
  // `now` moves once a second; a picture that has just come is never ahead of it.
  const at_ms = Math.max(now, serverNow())
  const word = lookWord(look, at_ms)
  if (!keepsPicture(word)) return <Empty title={t(`cabin.${word}`)} />
  return (
    <div className="hs-cabin-screen">
      <canvas
        ref={canvas}
        className={word === null ? undefined : 'old'}
        role="img"
        aria-label={t('cabin.title')}
        data-testid="cabin-canvas"
      />
      {word !== null && (
        <span className="gh-tag warn" role="alert" data-testid="cabin-word">
          {t(`cabin.${word}`)}
        </span>
      )}
      {word === null && failed && (
        <span className="gh-tag warn" role="alert">
          {t('cabin.undecodable')}
        </span>
      )}
      <p className="gh-m">
        {look.received_ms !== null && (
          <span data-testid="cabin-age">
            {t('cabin.age', { age: ageText(at_ms - look.received_ms) })}
          </span>
        )}
        <Button
          look="quiet"
          onClick={() => void canvas.current?.requestFullscreen().catch(() => undefined)}
        >
          {t('cabin.large')}
        </Button>
      </p>
    </div>
  )
}

function paint(canvas: HTMLCanvasElement | null, frame: VideoFrame): void {
  if (canvas === null) return
  if (canvas.width !== frame.displayWidth || canvas.height !== frame.displayHeight) {
    canvas.width = frame.displayWidth
    canvas.height = frame.displayHeight
  }
  canvas.getContext('2d')?.drawImage(frame, 0, 0)
}
