import type { Schemas } from '../../api/http';
import { shown } from '../../parts/names';

export type Incident = { key: string; what: string; mend: string; to: string; params?: { name: string } };

/** after puts what to do behind why. */
const after = (why: string | undefined, mend: string) => (why ? `${why.charAt(0).toUpperCase()}${why.slice(1)}. ${mend}` : mend);

/** incidents are what a person should do something about, the worst first. */
export function incidents(status: Schemas['Status'], waiting: number): Incident[] {
  const found: Incident[] = [];
  if (status.cluster && !status.cluster.enabled) {
    found.push({
      key: 'clustering',
      what: `Clustering is disabled by ${status.cluster.changed_by ?? 'somebody'}`,
      mend: 'Changes are kept, and no server is told. Enable it on the page Servers.',
      to: '/servers',
    });
  }
  for (const m of status.members) {
    const at = { to: '/servers/$name', params: { name: m.name } };
    const s = m.status;
    if (m.state === 'disabled-by-threshold') {
      found.push({
        key: m.name,
        what: `${m.name} was disabled after failures`,
        mend: after(m.disabled_why ?? s?.last_error, 'Test it on its page, which says what to mend, and enable it.'),
        ...at,
      });
    } else if (m.state === 'unreachable' || (s && !s.reachable && s.failures > 0)) {
      found.push({
        key: m.name,
        what: `${m.name} does not answer`,
        mend: after(s?.last_error, 'Look whether it runs and can be reached. It gets what it missed by itself.'),
        ...at,
      });
    } else if (s?.failed) {
      found.push({
        key: m.name,
        what: `${s.failed} zones failed on ${m.name}`,
        mend: after(s.last_error, 'Test it on its page, which says what to mend.'),
        ...at,
      });
    } else if (m.state === 'pending') {
      found.push({ key: m.name, what: `${m.name} waits for its test`, mend: 'Paste its configuration there, then test it.', ...at });
    }
    if (s?.expiring)
      found.push({
        key: `${m.name} expiring`,
        what: `${s.expiring} zones will expire on ${m.name}`,
        mend: `It was not answered by its primary for long${s.expires_zone ? `, first for ${shown(s.expires_zone)}` : ''}. Look at its way to Skein.`,
        ...at,
      });
    if (s?.ahead)
      found.push({
        key: `${m.name} ahead`,
        what: `${s.ahead} zones are newer on ${m.name} than here`,
        mend: 'Synchronize from it, or put ours above.',
        to: '/synchronize',
      });
  }
  if (waiting > 0)
    found.push({
      key: 'waiting',
      what: `${waiting} changes wait for a decision`,
      mend: 'Let them through or drop them. Servers go on with what was there before.',
      to: '/waiting',
    });
  return found;
}
