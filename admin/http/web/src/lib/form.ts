// A form's state: values, the server's findings beside their fields, and what is sent.

import { useMutation, useQueryClient, type QueryKey } from '@tanstack/react-query';
import { useState } from 'react';
import { Problem } from './api';

export interface Form<T extends object, R> {
  values: T;
  set: <K extends keyof T>(name: K, value: T[K]) => void;
  /** Props of a text input. */
  text: (name: keyof T) => {
    value: string;
    error: string | undefined;
    onChange: (event: { currentTarget: { value: string } }) => void;
  };
  errorOf: (name: string) => string | undefined;
  /** What belongs to no field. */
  problem: unknown;
  busy: boolean;
  submit: (event?: { preventDefault: () => void }) => void;
  result: R | undefined;
  reset: (values?: T) => void;
}

export function useForm<T extends object, R>(
  initial: T,
  send: (values: T) => Promise<R>,
  options: { stale?: QueryKey[]; onDone?: (result: R) => void } = {},
): Form<T, R> {
  const client = useQueryClient();
  const [values, setValues] = useState(initial);
  const mutation = useMutation({
    mutationFn: send,
    onSuccess: (result) => {
      for (const queryKey of options.stale ?? []) void client.invalidateQueries({ queryKey });
      options.onDone?.(result);
    },
  });
  const errors = mutation.error instanceof Problem ? mutation.error.errors : [];
  const errorOf = (name: string) => errors.find((error) => error.field === name)?.message;
  return {
    values,
    set: (name, value) => setValues((before) => ({ ...before, [name]: value })),
    text: (name) => ({
      value: String(values[name] ?? ''),
      error: errorOf(String(name)),
      onChange: (event) => {
        // The event's target is gone when the state is set.
        const { value } = event.currentTarget;
        setValues((before) => ({ ...before, [name]: value }));
      },
    }),
    errorOf,
    problem: errors.some((error) => error.field in values) ? undefined : mutation.error,
    busy: mutation.isPending,
    submit: (event) => {
      event?.preventDefault();
      mutation.mutate(values);
    },
    result: mutation.data,
    reset: (next = initial) => {
      setValues(next);
      mutation.reset();
    },
  };
}
