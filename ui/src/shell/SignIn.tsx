import { Button, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { Problem } from '../api/http';
import { ProblemAlert } from '../parts/Problem';
import { begin, type Given } from './session';

export function SignIn() {
  useDocumentTitle('Sign in – Skein');
  const client = useQueryClient();
  const [given, setGiven] = useState<Given>({ user: '', password: '' });
  const login = useMutation({ mutationFn: (with_: Given) => begin(client, with_) });
  const needsCode = login.error instanceof Problem && login.error.document.code_needed === true;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    login.mutate(given);
  };
  return (
    <main className="sign-in" id="main">
      <Stack component="form" onSubmit={submit} className="panel padded">
        <img src="/skein.svg" alt="" width={80} height={50} />
        <Title order={1}>Sign in to Skein</Title>
        <TextInput
          label="User"
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          autoFocus
          value={given.user}
          onChange={(e) => setGiven({ ...given, user: e.target.value })}
        />
        <PasswordInput
          label="Password"
          name="password"
          autoComplete="current-password"
          required
          value={given.password}
          onChange={(e) => setGiven({ ...given, password: e.target.value })}
        />
        {(needsCode || given.code !== undefined) && (
          <TextInput
            label="One-time code"
            description="Six digits of your authenticator"
            autoComplete="one-time-code"
            inputMode="numeric"
            required
            autoFocus
            value={given.code ?? ''}
            onChange={(e) => setGiven({ ...given, code: e.target.value })}
          />
        )}
        {!(needsCode && !given.code) && <ProblemAlert error={login.error} />}
        <Button type="submit" loading={login.isPending}>
          Sign in
        </Button>
        <Text size="sm" c="dimmed">
          No user yet? The first one is made with the link that <code>skein serve</code> prints when it starts. On its machine,{' '}
          <code>skein user add</code> makes more.
        </Text>
      </Stack>
    </main>
  );
}
