import {
  IconActivity,
  IconArrowsExchange,
  IconHandStop,
  IconLayoutDashboard,
  IconPlugConnected,
  IconServer2,
  IconSettings,
  IconStack2,
  IconTemplate,
  IconUsers,
  IconWorld,
  type Icon,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { waiting } from '../api/queries';
import { useMay, type Permission } from './may';

type Entry = { to: string; text: string; icon: Icon; sees?: Permission; root?: boolean };

const entries: Entry[] = [
  { to: '/', text: 'Overview', icon: IconLayoutDashboard },
  { to: '/zones', text: 'Zones', icon: IconWorld },
  { to: '/servers', text: 'Servers', icon: IconServer2, sees: 'clustering' },
  { to: '/synchronize', text: 'Synchronize', icon: IconArrowsExchange, sees: 'clustering' },
  { to: '/waiting', text: 'Conflicts and holds', icon: IconHandStop, sees: 'sources' },
  { to: '/activity', text: 'Activity', icon: IconActivity },
  { to: '/sources', text: 'Sources', icon: IconPlugConnected, sees: 'sources' },
  { to: '/pools', text: 'Nameserver sets', icon: IconStack2, sees: 'clustering' },
  { to: '/templates', text: 'Templates', icon: IconTemplate, sees: 'zones' },
  { to: '/access', text: 'Users and tokens', icon: IconUsers, sees: 'access' },
  { to: '/settings', text: 'Settings', icon: IconSettings, sees: 'clustering', root: true },
];

export function Navigation() {
  const { sees, root } = useMay();
  return (
    <nav className="nav" aria-label="Pages">
      {entries
        .filter((e) => (!e.sees || sees(e.sees)) && (!e.root || root))
        .map(({ to, text, icon: Shape }) => (
          <Link key={to} to={to} activeOptions={{ exact: to === '/' }}>
            <Shape size={18} aria-hidden />
            <span>{text}</span>
            {to === '/waiting' && <Waiting />}
          </Link>
        ))}
    </nav>
  );
}

/** Waiting counts what waits for a person. */
function Waiting() {
  const { data } = useQuery(waiting);
  const n = data?.waiting.length ?? 0;
  if (n === 0) return null;
  return (
    <span className="count">
      {n}
      {data?.next ? '+' : ''}
    </span>
  );
}
