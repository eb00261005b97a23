import { Center, Loader, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { ProblemAlert } from './Problem';

type Asked<T> = { data: T | undefined; error: unknown; isPending: boolean };

/** Answer shows what a query answered; until then that it is coming, or why not. */
export function Answer<T>({ of, children }: { of: Asked<T>; children: (data: T) => ReactNode }) {
  if (of.data !== undefined) {
    return (
      <>
        {of.error ? <ProblemAlert error={of.error} /> : null}
        {children(of.data)}
      </>
    );
  }
  if (of.error) return <ProblemAlert error={of.error} />;
  return (
    <Center p="xl" role="status" aria-label="Loading">
      <Loader size="sm" />
    </Center>
  );
}

/** Empty says what a list would hold, and how something comes into it. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <Stack align="center" gap="xs" p="xl" ta="center">
      <Title order={2} size="h3">
        {title}
      </Title>
      {children && (
        <Text c="dimmed" maw="36rem">
          {children}
        </Text>
      )}
      {action}
    </Stack>
  );
}
