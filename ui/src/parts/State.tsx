import {
  IconAlertCircle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleMinus,
  IconClock,
  IconEye,
  IconPlugConnectedX,
  IconShieldQuestion,
  type Icon,
} from '@tabler/icons-react';
import type { Schemas } from '../api/http';

export type Tone = 'good' | 'wait' | 'bad' | 'calm' | 'look';
type Look = { icon: Icon; tone: Tone; text: string };

/** Mark is a state: an icon and a word; the colour only repeats them. */
export function Mark({ icon: Shape, tone, text }: Look) {
  return (
    <span className={`state ${tone}`}>
      <Shape size={18} aria-hidden />
      <span>{text}</span>
    </span>
  );
}

/** memberLook says how a member is, worst first. */
export function memberLook(m: Schemas['Member']): Look {
  switch (m.state) {
    case 'pending':
      return { icon: IconCircleDashed, tone: 'wait', text: 'waits for its test' };
    case 'disabled':
      return { icon: IconCircleMinus, tone: 'calm', text: m.disabled_by ? `disabled by ${m.disabled_by}` : 'disabled' };
    case 'disabled-by-threshold':
      return { icon: IconAlertCircle, tone: 'bad', text: 'disabled after failures' };
    case 'unreachable':
      return { icon: IconPlugConnectedX, tone: 'bad', text: 'does not answer' };
  }
  const s = m.status;
  if (s && !s.reachable && s.failures > 0) return { icon: IconPlugConnectedX, tone: 'bad', text: 'does not answer' };
  if (m.state === 'observed') return { icon: IconEye, tone: 'look', text: 'observed' };
  if (s?.failed) return { icon: IconAlertCircle, tone: 'bad', text: `${s.failed} failed` };
  if (s?.behind) return { icon: IconClock, tone: 'wait', text: `${s.behind} behind` };
  return { icon: IconCircleCheck, tone: 'good', text: 'in step' };
}

export const MemberMark = ({ member }: { member: Schemas['Member'] }) => <Mark {...memberLook(member)} />;

const zoneLooks: Record<string, Look> = {
  verified: { icon: IconCircleCheck, tone: 'good', text: 'serves it' },
  told: { icon: IconClock, tone: 'wait', text: 'told' },
  pending: { icon: IconClock, tone: 'wait', text: 'to be told' },
  stale: { icon: IconClock, tone: 'wait', text: 'serves an older one' },
  absent: { icon: IconCircleDashed, tone: 'calm', text: 'does not have it' },
  differs: { icon: IconAlertCircle, tone: 'bad', text: 'other contents' },
  foreign: { icon: IconShieldQuestion, tone: 'bad', text: 'has one of its own' },
  held: { icon: IconCircleMinus, tone: 'look', text: 'held' },
  failed: { icon: IconAlertCircle, tone: 'bad', text: 'failed' },
};

/** ZoneMark is the state of one zone on one member. */
export const ZoneMark = ({ state }: { state: string }) => (
  <Mark {...(zoneLooks[state] ?? { icon: IconShieldQuestion, tone: 'calm', text: state })} />
);
