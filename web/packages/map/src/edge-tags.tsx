import { t } from '@gh/i18n'
import { LevelBadge } from '@gh/ui'
import type { Map as MapLibre } from 'maplibre-gl'
import { useEffect, useState } from 'react'
import { edgeOf, type Tag } from './edge.ts'
import { sizeOf } from './maplibre.ts'
import type { MapIncident, MapUnit } from './markers.ts'

interface Props {
  map: MapLibre
  units: readonly MapUnit[]
  incidents: readonly MapIncident[]
  onUnit: (id: string) => void
  onIncident: (id: string) => void
}

/** Vehicles on a run and the open case never leave the map unseen: a tag at the edge points to them. */
export function EdgeTags({ map, units, incidents, onUnit, onIncident }: Props) {
  const [moved, setMoved] = useState(0)
  useEffect(() => {
    let frame = 0
    const again = () => {
      frame ||= requestAnimationFrame(() => {
        frame = 0
        setMoved((n) => n + 1)
      })
    }
    map.on('move', again)
    map.on('resize', again)
    return () => {
      cancelAnimationFrame(frame)
      map.off('move', again)
      map.off('resize', again)
    }
  }, [map])
  void moved
  const box = sizeOf(map)
  const at = (point: { lat: number; lon: number }) => map.project([point.lon, point.lat])
  const taken: Tag[] = []
  const place = (point: { lat: number; lon: number }): Tag | null => {
    const tag = edgeOf(at(point), box, taken)
    if (tag) taken.push(tag)
    return tag
  }
  return (
    <div className="edges">
      {incidents
        .filter((incident) => incident.selected || incident.waiting)
        .map((incident) => (
          <EdgeTag
            key={incident.id}
            tag={place(incident.point)}
            level={incident.level}
            label={incident.label}
            onClick={() => {
              map.easeTo({ center: [incident.point.lon, incident.point.lat], duration: 140 })
              onIncident(incident.id)
            }}
          />
        ))}
      {units
        .filter((unit) => unit.active || unit.selected)
        .map((unit) => (
          <EdgeTag
            key={unit.id}
            tag={place(unit.point)}
            level={unit.level || null}
            label={unit.call_sign}
            detail={[unit.text, unit.note, unit.stale].filter(Boolean).join(' · ')}
            stale={unit.stale !== ''}
            onClick={() => {
              map.easeTo({ center: [unit.point.lon, unit.point.lat], duration: 140 })
              onUnit(unit.id)
            }}
          />
        ))}
    </div>
  )
}

function EdgeTag({
  tag,
  level,
  label,
  detail,
  stale,
  onClick,
}: {
  tag: Tag | null
  /** null: it has no case. */
  level: string | null
  label: string
  detail?: string
  stale?: boolean
  onClick: () => void
}) {
  if (tag === null) return null
  return (
    <button
      type="button"
      className={`edge${stale ? ' stale' : ''}`}
      style={{ left: tag.x, top: tag.y }}
      onClick={onClick}
      title={t('map.off_map', { name: label })}
      data-testid={`edge-${label}`}
    >
      <i style={{ transform: `rotate(${Math.round(tag.degrees)}deg)` }}>➤</i>
      {level === null ? null : <LevelBadge level={level} />}
      <b>{label}</b>
      {detail ? <span>{detail}</span> : null}
    </button>
  )
}
