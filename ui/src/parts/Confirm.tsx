import { Button, Group, Modal, Stack, type ButtonProps } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { ProblemAlert } from './Problem';

type Props = ButtonProps & {
  label: string;
  title: string;
  children: ReactNode; // what will happen
  confirm: string; // the button that does it
  danger?: boolean;
  run: () => Promise<unknown>;
  busy?: boolean;
  error?: unknown;
  disabled?: boolean;
};

/** ConfirmButton says what will happen before it does it, and stays open if that fails. */
export function ConfirmButton({ label, title, children, confirm, danger, run, busy, error, ...button }: Props) {
  const [open, { open: show, close }] = useDisclosure();
  const go = () => run().then(close, () => undefined); // the error is shown
  return (
    <>
      <Button variant="default" {...button} onClick={show}>
        {label}
      </Button>
      <ConfirmModal open={open} close={close} title={title} confirm={confirm} danger={danger} go={go} busy={busy} error={error}>
        {children}
      </ConfirmModal>
    </>
  );
}

type ModalProps = {
  open: boolean;
  close: () => void;
  title: string;
  children: ReactNode;
  confirm: string;
  danger?: boolean;
  go: () => void;
  busy?: boolean;
  error?: unknown;
  ready?: boolean;
};

export function ConfirmModal({ open, close, title, children, confirm, danger, go, busy, error, ready = true }: ModalProps) {
  return (
    <Modal opened={open} onClose={close} title={title} size="lg">
      <Stack>
        {children}
        <ProblemAlert error={error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Leave it as it is
          </Button>
          <Button color={danger ? 'red' : undefined} onClick={go} loading={busy} disabled={!ready}>
            {confirm}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
