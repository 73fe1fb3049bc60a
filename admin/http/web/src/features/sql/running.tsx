import { Group, Kbd, Loader, Text } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';

/** The statement that runs: for how long already, and which key ends it. */
export function Running() {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds((before) => before + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <Group gap="xs">
      <Loader size="xs" />
      <Text size="sm" role="status">
        The statement runs.
      </Text>
      <Text size="sm" c="dimmed">
        {seconds} s · <Kbd size="xs">Esc</Kbd> cancels it
      </Text>
    </Group>
  );
}

/**
 * What can end the request under way: `begin` gives the signal for a new one. Leaving the page ends
 * it too, as nobody would see its answer; so does Esc, where no list or dialog takes the key.
 */
export function useCancel(busy: boolean) {
  const controller = useRef<AbortController | null>(null);
  useEffect(() => () => controller.current?.abort(), []);
  useEffect(() => {
    if (!busy) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented) return;
      // Lists that are closed stay in the document.
      const open = [...document.querySelectorAll('[role="dialog"], [role="listbox"]')];
      if (open.some((one) => one.getClientRects().length > 0)) return;
      controller.current?.abort();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [busy]);
  return {
    begin: () => {
      controller.current = new AbortController();
      return controller.current.signal;
    },
    cancel: () => controller.current?.abort(),
  };
}
