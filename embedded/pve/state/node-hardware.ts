/** A PCI device as `hardware/pci` lists it. */
export interface PciDevice {
  readonly id: string;
  readonly class: string;
  readonly vendor: string;
  readonly vendor_name: string;
  readonly device: string;
  readonly device_name: string;
  readonly subsystem_vendor: string;
  readonly subsystem_device: string;
  readonly iommugroup: number;
}

/** A USB device as `hardware/usb` lists it. */
export interface UsbDevice {
  readonly busnum: number;
  readonly devnum: number;
  readonly port: number;
  readonly level: number;
  readonly class: number;
  readonly usbpath: string;
  readonly speed: string;
  readonly vendid: string;
  readonly prodid: string;
  readonly manufacturer: string;
  readonly product: string;
}

/** Every embedded node has these: a bridge, a graphics card and two network cards. */
export const pciDevices: readonly PciDevice[] = [
  {
    id: "0000:00:00.0",
    class: "0x060000",
    vendor: "0x8086",
    vendor_name: "Intel Corporation",
    device: "0x29c0",
    device_name: "82G33/G31/P35/P31 Express DRAM Controller",
    subsystem_vendor: "0x1af4",
    subsystem_device: "0x1100",
    iommugroup: 0,
  },
  {
    id: "0000:01:00.0",
    class: "0x030000",
    vendor: "0x1002",
    vendor_name: "Advanced Micro Devices, Inc. [AMD/ATI]",
    device: "0x6987",
    device_name: "Lexa",
    subsystem_vendor: "0x1002",
    subsystem_device: "0x0b0c",
    iommugroup: 1,
  },
  ...["0000:02:00.0", "0000:02:00.1"].map((id, index) => ({
    id,
    class: "0x020000",
    vendor: "0x8086",
    vendor_name: "Intel Corporation",
    device: "0x1533",
    device_name: "I210 Gigabit Network Connection",
    subsystem_vendor: "0x8086",
    subsystem_device: "0x0001",
    iommugroup: 2 + index,
  })),
];

/** Every embedded node has this one: a serial adapter. */
export const usbDevices: readonly UsbDevice[] = [
  {
    busnum: 1,
    devnum: 2,
    port: 1,
    level: 1,
    class: 0,
    usbpath: "2",
    speed: "12",
    vendid: "0403",
    prodid: "6001",
    manufacturer: "FTDI",
    product: "FT232R USB UART",
  },
];
