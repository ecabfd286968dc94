import { Type } from "typebox";
import { forms } from "./forms.ts";
import { defaulted, onChange, section } from "./keys.ts";

const dhcp = section("The address comes from DHCP.", {
  dhcp: Type.Literal(true, { description: "The only value is true." }),
});

const staticIpv4 = section("A fixed address.", {
  address: Type.String({ description: 'Address with prefix, such as "10.0.20.11/24".' }),
  gateway: Type.Optional(Type.String({ description: 'Gateway inside that subnet, such as "10.0.20.1".' })),
});

const staticIpv6 = section("A fixed address.", {
  address: Type.String({ description: 'Address with prefix, such as "2001:db8:20::11/64".' }),
  gateway: Type.Optional(
    Type.String({
      description: 'Gateway inside that subnet or a link-local one, such as "2001:db8:20::1" or "fe80::1".',
    }),
  ),
});

const auto = section("The guest makes its address itself from router advertisements (SLAAC).", {
  auto: Type.Literal(true, { description: "The only value is true." }),
});

const vlanId = { minimum: 1, maximum: 4094 } as const;

/** One network interface. */
export const network = section("One network interface.", {
  bridge: Type.String({
    ...forms.bridge,
    description: `Bridge or SDN vnet of the node. Proxmox VE looks for it only at the machine's start. ${onChange.live}`,
    examples: ["vmbr0"],
  }),
  vlan: Type.Optional(
    Type.Integer({ ...vlanId, description: `VLAN tag, 1-4094. Default: untagged. ${onChange.live}` }),
  ),
  model: defaulted(
    Type.Enum(["virtio", "e1000", "e1000e", "rtl8139", "vmxnet3"], {
      description: `Network card the guest sees. Default: "virtio". ${onChange.live}`,
    }),
    "virtio",
  ),
  mac: Type.Optional(
    Type.String({
      ...forms.mac,
      description: "MAC address, unique in the fleet. Default: made by Proxmox VE at the clone and kept.",
      examples: ["BC:24:11:00:00:0B"],
    }),
  ),
  firewall: defaulted(
    Type.Boolean({
      description: `Puts the interface behind the Proxmox VE firewall. Default: false. ${onChange.live}`,
    }),
    false,
  ),
  mtu: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 65520,
      description: `MTU in bytes, 576-65520, or 1 = the bridge's; virtio cards only. Default: the bridge's, before Proxmox VE 9: 1500. ${onChange.live}`,
    }),
  ),
  rateMBps: Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      description: `Bound of the speed, in megabytes per second. Default: no bound. ${onChange.live}`,
    }),
  ),
  queues: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 64,
      description: `Number of packet queues, up to the number of cores; virtio cards only. Default: one. ${onChange.live}`,
    }),
  ),
  trunks: defaulted(
    Type.Array(Type.Integer(vlanId), {
      description: `VLAN tags let through to the guest. Default: none, which lets all of the bridge's through. ${onChange.live}`,
    }),
    [],
  ),
  disconnected: defaulted(
    Type.Boolean({ description: `Pulls the cable. Default: false. ${onChange.live}` }),
    false,
  ),
  ipv4: Type.Optional(
    Type.Union([staticIpv4, dhcp], {
      description: `IPv4: { "address": "10.0.20.11/24", "gateway": "10.0.20.1" } or { "dhcp": true }. Default: none. ${onChange.powerCycle}`,
    }),
  ),
  ipv6: Type.Optional(
    Type.Union([staticIpv6, dhcp, auto], {
      description:
        `IPv6: { "address": "2001:db8:20::11/64", "gateway": "fe80::1" }, { "dhcp": true } or { "auto": true }. ` +
        `Default: none. ${onChange.powerCycle}`,
    }),
  ),
});

/** The machine's network interfaces; the first one is net0. */
export const networks = Type.Array(network, {
  maxItems: 32,
  description:
    "Network interfaces; the first is net0. One that is taken out of the list is unplugged, except the last one: without networks " +
    'the machine keeps the interfaces it has, the template\'s at first ("disconnected" cuts it off). Default: none.',
});
