import { Center, Loader, MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from 'react-router-dom';
import { Failed } from '@/components/ui/states';
import { queryClient } from '@/lib/query';
import { SessionProvider, useMeQuery } from '@/lib/session';
import { SignIn } from './pages/sign_in';
import { router } from './routes';
import { theme, variables } from './theme';

function Signed() {
  const query = useMeQuery();
  if (query.data === undefined) {
    return (
      <Center mih="100vh" p="md">
        {query.isError ? <Failed error={query.error} retry={query.refetch} /> : <Loader />}
      </Center>
    );
  }
  return (
    <SessionProvider me={query.data}>
      {query.data ? <RouterProvider router={router} /> : <SignIn />}
    </SessionProvider>
  );
}

export function App() {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
      <Notifications position="bottom-right" />
      <QueryClientProvider client={queryClient}>
        <Signed />
      </QueryClientProvider>
    </MantineProvider>
  );
}
