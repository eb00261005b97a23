import { Group, Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';

/** Page is the frame of every page: its title, what it is for, what one can do. */
export function Page({ title, lead, actions, children }: { title: string; lead?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  useDocumentTitle(`${title} – Skein`);
  return (
    <Stack gap="md" className="page">
      <Group justify="space-between" align="flex-start" gap="sm">
        <div>
          <Title order={1}>{title}</Title>
          {lead && (
            <Text c="dimmed" size="sm" maw="48rem">
              {lead}
            </Text>
          )}
        </div>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}

/** Panel is a part of a page on ground of its own. */
export function Panel({
  title,
  actions,
  children,
  padded = true,
}: {
  title?: string;
  actions?: ReactNode;
  children: ReactNode;
  padded?: boolean;
}) {
  return (
    <section className={padded && !title ? 'panel padded' : 'panel'} aria-label={title}>
      {title && (
        <Group className="panel-head" justify="space-between">
          <Title order={2} size="h3">
            {title}
          </Title>
          {actions}
        </Group>
      )}
      {title && padded ? <div style={{ padding: 'var(--mantine-spacing-md)' }}>{children}</div> : children}
    </section>
  );
}
