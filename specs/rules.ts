import type { Rule } from "./rule.ts";
import { addressInPool } from "./rules/address-in-pool.ts";
import { backendWithoutSecrets } from "./rules/backend-without-secrets.ts";
import { balloonWithinMemory } from "./rules/balloon-within-memory.ts";
import { bootOrderNamesDevices } from "./rules/boot-order-names-devices.ts";
import { cloudInitSlotIsFree } from "./rules/cloud-init-slot-is-free.ts";
import { cpuFlagsAreKnown } from "./rules/cpu-flags-are-known.ts";
import { cpuTypeIsKnown } from "./rules/cpu-type-is-known.ts";
import { dnsName } from "./rules/dns-name.ts";
import { dnsServersAreAddresses } from "./rules/dns-servers-are-addresses.ts";
import { filesInRepository } from "./rules/files-in-repository.ts";
import { firmwareFitsTemplate } from "./rules/firmware-fits-template.ts";
import { gatewayInSubnet } from "./rules/gateway-in-subnet.ts";
import { hooksAreExecutable } from "./rules/hooks-are-executable.ts";
import { hotplugMemoryNeedsNuma } from "./rules/hotplug-memory-needs-numa.ts";
import { hugepagesFitMemory } from "./rules/hugepages-fit-memory.ts";
import { iothreadWherePossible } from "./rules/iothread-where-possible.ts";
import { linkedCloneKeepsDatastore } from "./rules/linked-clone-keeps-datastore.ts";
import { mtuFitsCard } from "./rules/mtu-fits-card.ts";
import { numaFitsMachine } from "./rules/numa-fits-machine.ts";
import { oneGatewayPerFamily } from "./rules/one-gateway-per-family.ts";
import { policyNamesWhatExists } from "./rules/policy-names-what-exists.ts";
import { queuesFitDevice } from "./rules/queues-fit-device.ts";
import { rootDiskFitsTemplate } from "./rules/root-disk-fits-template.ts";
import { screenHasSerialPort } from "./rules/screen-has-serial-port.ts";
import { siteStacksExist } from "./rules/site-stacks-exist.ts";
import { ssdNotOnVirtio } from "./rules/ssd-not-on-virtio.ts";
import { sshKeysParse } from "./rules/ssh-keys-parse.ts";
import { stackBoundsAreRanges } from "./rules/stack-bounds-are-ranges.ts";
import { stackRangesAreApart } from "./rules/stack-ranges-are-apart.ts";
import { tagsInServerForm } from "./rules/tags-in-server-form.ts";
import { templateIsConsistent } from "./rules/template-is-consistent.ts";
import { templateIsFoundOneWay } from "./rules/template-is-found-one-way.ts";
import { templateIsKnown } from "./rules/template-is-known.ts";
import { templateIsSupported } from "./rules/template-is-supported.ts";
import { unicastMac } from "./rules/unicast-mac.ts";
import { uniqueAddress } from "./rules/unique-address.ts";
import { uniqueDiskSlots } from "./rules/unique-disk-slots.ts";
import { uniqueMac } from "./rules/unique-mac.ts";
import { uniqueName } from "./rules/unique-name.ts";
import { uniqueNixosAttribute } from "./rules/unique-nixos-attribute.ts";
import { uniqueTrunks } from "./rules/unique-trunks.ts";
import { uniqueVirtiofs } from "./rules/unique-virtiofs.ts";
import { uniqueVmId } from "./rules/unique-vm-id.ts";
import { usableAddress } from "./rules/usable-address.ts";
import { vcpusWithinCores } from "./rules/vcpus-within-cores.ts";
import { vmIdInRange } from "./rules/vm-id-in-range.ts";
import { vmIdIsNoTemplate } from "./rules/vm-id-is-no-template.ts";
import { waitForIpNeedsAgent } from "./rules/wait-for-ip-needs-agent.ts";
import { wayInExists } from "./rules/way-in-exists.ts";

/** Every invariant of a fleet, in the order in which a spec is written. A new rule is a file in rules/ and a line here. */
export const rules: readonly Rule[] = [
  uniqueVmId,
  vmIdInRange,
  vmIdIsNoTemplate,
  uniqueName,
  dnsName,
  uniqueNixosAttribute,
  tagsInServerForm,
  templateIsKnown,
  linkedCloneKeepsDatastore,
  rootDiskFitsTemplate,
  firmwareFitsTemplate,
  uniqueDiskSlots,
  cloudInitSlotIsFree,
  ssdNotOnVirtio,
  iothreadWherePossible,
  queuesFitDevice,
  usableAddress,
  uniqueAddress,
  addressInPool,
  gatewayInSubnet,
  oneGatewayPerFamily,
  uniqueMac,
  unicastMac,
  mtuFitsCard,
  uniqueTrunks,
  dnsServersAreAddresses,
  cpuTypeIsKnown,
  cpuFlagsAreKnown,
  vcpusWithinCores,
  balloonWithinMemory,
  hugepagesFitMemory,
  hotplugMemoryNeedsNuma,
  numaFitsMachine,
  bootOrderNamesDevices,
  screenHasSerialPort,
  uniqueVirtiofs,
  waitForIpNeedsAgent,
  wayInExists,
  sshKeysParse,
  filesInRepository,
  hooksAreExecutable,
  templateIsFoundOneWay,
  templateIsConsistent,
  templateIsSupported,
  stackBoundsAreRanges,
  stackRangesAreApart,
  siteStacksExist,
  policyNamesWhatExists,
  backendWithoutSecrets,
];
