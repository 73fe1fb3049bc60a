import {
  ActionIcon,
  AppShell,
  Box,
  Burger,
  Button,
  Group,
  Image,
  Kbd,
  Menu,
  NavLink,
  ScrollArea,
  Text,
  Tooltip,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { spotlight } from '@mantine/spotlight';
import {
  IconKeyboard,
  IconLogout,
  IconMoon,
  IconSearch,
  IconSun,
  IconUser,
  IconUserCircle,
} from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Suspense, useEffect, useState } from 'react';
import { Link, Outlet, useLocation } from 'react-router-dom';
import { Loading } from '@/components/ui/states';
import { api } from '@/lib/api';
import { follow } from '@/lib/events';
import { useMe, useSession } from '@/lib/session';
import { useSettings } from '@/lib/settings';
import { Jump } from './jump';
import { Keys } from './keys';
import { places } from './places';

function Live() {
  const client = useQueryClient();
  const [live, setLive] = useState(true);
  useEffect(() => follow(client, setLive), [client]);
  const said = live ? 'Live: pages follow what changes' : 'Not connected: trying again';
  return (
    <Tooltip label={said}>
      <Box
        w={10}
        h={10}
        role="status"
        aria-label={said}
        style={{
          borderRadius: '50%',
          flexShrink: 0,
          backgroundColor: `var(--mantine-color-${live ? 'teal' : 'red'}-filled)`,
        }}
      />
    </Tooltip>
  );
}

function WorkspaceName() {
  const settings = useSettings();
  const name = settings.data?.name;
  return name ? (
    <Text c="dimmed" truncate maw={280} visibleFrom="sm">
      {name}
    </Text>
  ) : null;
}

function Scheme() {
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme('light') === 'dark';
  const said = dark ? 'Light colours' : 'Dark colours';
  return (
    <Tooltip label={said}>
      <ActionIcon
        variant="default"
        size="lg"
        aria-label={said}
        onClick={() => setColorScheme(dark ? 'light' : 'dark')}
      >
        {dark ? <IconSun size={18} /> : <IconMoon size={18} />}
      </ActionIcon>
    </Tooltip>
  );
}

function Person({ showKeys }: { showKeys: () => void }) {
  const me = useMe();
  const client = useQueryClient();
  const leave = useMutation({
    mutationFn: () => api.delete('/sessions/current'),
    onSettled: () => {
      client.clear();
      client.setQueryData(['me'], null);
    },
  });
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon variant="subtle" size="lg" radius="xl" aria-label={`Account of ${me.name}`}>
          <IconUserCircle size={24} stroke={1.6} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {me.email} · {me.role}
        </Menu.Label>
        <Menu.Item component={Link} to="/profile" leftSection={<IconUser size={16} />}>
          Profile and API tokens
        </Menu.Item>
        <Menu.Item
          leftSection={<IconKeyboard size={16} />}
          rightSection={<Kbd>?</Kbd>}
          onClick={showKeys}
        >
          Keys
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => leave.mutate()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

export function Layout() {
  const [opened, menu] = useDisclosure();
  const [keys, keysDialog] = useDisclosure();
  const { may } = useSession();
  const { pathname } = useLocation();
  // Some keyboards have it with shift, some without.
  useHotkeys([
    ['shift+?', keysDialog.open],
    ['?', keysDialog.open],
  ]);
  useEffect(() => menu.close(), [pathname, menu]);
  const open = places.filter((place) => !place.needs || may(place.needs));
  const groups = [...new Set(open.map((place) => place.group))];
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 220, breakpoint: 'md', collapsed: { mobile: !opened } }}
      padding="md"
    >
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={opened}
              onClick={menu.toggle}
              hiddenFrom="md"
              size="sm"
              aria-label="Menu"
            />
            <Link to="/" aria-label="Home">
              <Image src="/sluice.svg" w={28} h={28} alt="" />
            </Link>
            <Text fw={700} size="lg" visibleFrom="xs">
              Sluice
            </Text>
            <WorkspaceName />
          </Group>
          <Group gap="xs" wrap="nowrap">
            <Button
              variant="default"
              size="sm"
              leftSection={<IconSearch size={16} />}
              rightSection={<Kbd size="xs">Ctrl K</Kbd>}
              visibleFrom="xs"
              onClick={spotlight.open}
            >
              Jump to
            </Button>
            <ActionIcon
              variant="default"
              size="lg"
              hiddenFrom="xs"
              aria-label="Jump to"
              onClick={spotlight.open}
            >
              <IconSearch size={18} />
            </ActionIcon>
            <Scheme />
            <Live />
            <Person showKeys={keysDialog.open} />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" component="nav" aria-label="Main">
        <ScrollArea type="auto">
          {groups.map((group) => (
            <Box key={group} mb="xs">
              {group ? (
                <Text size="xs" fw={600} c="dimmed" px="sm" py={4}>
                  {group}
                </Text>
              ) : null}
              {open
                .filter((place) => place.group === group)
                .map((place) => (
                  <NavLink
                    key={place.to}
                    component={Link}
                    to={place.to}
                    label={place.label}
                    leftSection={<place.icon size={18} stroke={1.7} />}
                    active={place.to === '/' ? pathname === '/' : pathname.startsWith(place.to)}
                    {...(pathname === place.to ? { 'aria-current': 'page' as const } : {})}
                  />
                ))}
            </Box>
          ))}
        </ScrollArea>
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1}>
        <Box maw={1500} mx="auto">
          <Suspense fallback={<Loading />}>
            <Outlet />
          </Suspense>
        </Box>
      </AppShell.Main>
      <Jump />
      <Keys opened={keys} onClose={keysDialog.close} />
    </AppShell>
  );
}
