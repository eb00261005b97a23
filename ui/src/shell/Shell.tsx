import { ActionIcon, AppShell, Burger, Group, Menu, UnstyledButton, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconLogout, IconMoon, IconSun, IconUser, IconUserCircle } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useEvents, type Connection } from '../api/events';
import { me } from '../api/queries';
import { Answer } from '../parts/Answer';
import { Claim } from './Claim';
import { Navigation } from './Navigation';
import { end } from './session';
import { SignIn } from './SignIn';

/** Shell is what surrounds every page; who is not signed in sees that alone. */
export function Shell() {
  const who = useQuery(me);
  const { pathname } = useLocation();
  const connection = useEvents(!!who.data);
  if (pathname === '/claim') return <Claim />;
  return <Answer of={who}>{(data) => (data ? <Signed name={data.actor.name} connection={connection} /> : <SignIn />)}</Answer>;
}

function Signed({ name, connection }: { name: string; connection: Connection }) {
  const [open, { toggle, close }] = useDisclosure();
  const { pathname } = useLocation();
  useEffect(close, [pathname, close]);
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 232, breakpoint: 'sm', collapsed: { mobile: !open } }}
      padding={{ base: 'sm', sm: 'lg' }}
    >
      <a href="#main" className="skip">
        Skip to the page
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="xs" wrap="nowrap">
            <Burger opened={open} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={open ? 'Close the menu' : 'Open the menu'} />
            <Link to="/" aria-label="Skein: overview">
              <img src="/skein.svg" alt="" width={44} height={28} style={{ display: 'block' }} />
            </Link>
            <b>Skein</b>
          </Group>
          <Group gap="sm" wrap="nowrap">
            <LiveMark connection={connection} />
            <Scheme />
            <Account name={name} />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm">
        <Navigation />
      </AppShell.Navbar>
      <AppShell.Main className="main" id="main" tabIndex={-1}>
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}

const words: Record<Connection, string> = { connecting: 'connecting…', live: 'live', lost: 'connection lost, trying again' };

function LiveMark({ connection }: { connection: Connection }) {
  return (
    <span role="status" className={`state live ${connection === 'live' ? 'good' : 'wait'}`}>
      <svg width="8" height="8" aria-hidden>
        <circle cx="4" cy="4" r="4" fill="currentColor" />
      </svg>
      <span>{words[connection]}</span>
    </span>
  );
}

function Scheme() {
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme('light') === 'dark';
  return (
    <ActionIcon
      variant="default"
      size="lg"
      aria-label={dark ? 'Use light colours' : 'Use dark colours'}
      onClick={() => setColorScheme(dark ? 'light' : 'dark')}
    >
      {dark ? <IconSun size={18} aria-hidden /> : <IconMoon size={18} aria-hidden />}
    </ActionIcon>
  );
}

function Account({ name }: { name: string }) {
  const client = useQueryClient();
  const logout = useMutation({ mutationFn: () => end(client) });
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <UnstyledButton aria-label={`Account of ${name}`}>
          <Group gap={6} wrap="nowrap">
            <IconUserCircle size={22} aria-hidden />
            <span className="hide-phone">{name}</span>
          </Group>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} to="/account" leftSection={<IconUser size={16} aria-hidden />}>
          My account
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => logout.mutate()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
