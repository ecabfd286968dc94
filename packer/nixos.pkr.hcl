# The golden template, from an image (source proxmox-clone) or from the installer (source proxmox-iso). Both end in the
# same provisioners and the same clean-up. The plugin sends its own default for every hardware setting that is not
# said, and so overwrites the base's: all of them are said. No -force, ever: it deletes the good template first.
# NIXHERD_ROOT is empty in a real machine; one of the embedded cluster has its / elsewhere.

locals {
  description = join("\n", [
    "NixOS golden template ${var.template_name}",
    "revision ${var.revision}",
    "nixpkgs ${var.nixpkgs_revision}",
    "created ${var.created}",
  ])
  tags = "golden;nixos"

  marker = jsonencode({
    version         = var.template_name
    release         = var.release
    revision        = var.revision
    nixpkgsRevision = var.nixpkgs_revision
    created         = var.created
  })

  # The clone is worked on from inside, the installed system from the installer.
  root = {
    proxmox-clone = ""
    proxmox-iso   = "/mnt"
  }
}

source "proxmox-clone" "nixos" {
  insecure_skip_tls_verify = var.insecure_skip_tls_verify
  node                     = var.node
  clone_vm_id              = var.base_vm_id
  full_clone               = true
  vm_id                    = var.vm_id
  vm_name                  = var.template_name
  template_name            = var.template_name
  template_description     = local.description
  tags                     = local.tags

  # Every task, the clone among them. When it runs out during the clone, the machine is left behind.
  task_timeout = "60m"

  cores           = var.cores
  sockets         = 1
  memory          = var.memory_mib
  cpu_type        = "x86-64-v2-AES"
  os              = "l26"
  scsi_controller = "virtio-scsi-single"
  qemu_agent      = true
  serials         = ["socket"]

  # No disks here: a disks block does not resize the base's disk, it adds an empty one.
  network_adapters {
    model  = "virtio"
    bridge = var.bridge
  }
  ipconfig {
    ip = "dhcp"
  }

  cloud_init                          = true
  cloud_init_storage_pool             = var.datastore
  cloud_init_disk_type                = var.cloud_init_disk_type
  cloud_init_disable_upgrade_packages = true

  # Packer makes a key for the build, gives it to the clone by cloud-init and takes it out again at the end.
  communicator = "ssh"
  ssh_username = "root"
  ssh_timeout  = "15m"

  ssh_bastion_host             = try(var.bastion.host, null)
  ssh_bastion_port             = try(var.bastion.port, null)
  ssh_bastion_username         = try(var.bastion.username, null)
  ssh_bastion_private_key_file = try(var.bastion.private_key_file, null)
}

source "proxmox-iso" "nixos" {
  insecure_skip_tls_verify = var.insecure_skip_tls_verify
  node                     = var.node
  vm_id                    = var.vm_id
  vm_name                  = var.template_name
  template_name            = var.template_name
  template_description     = local.description
  tags                     = local.tags
  task_timeout             = "60m"

  boot_iso {
    type             = "ide"
    index            = "2"
    iso_url          = var.iso_url
    iso_checksum     = "sha256:${var.iso_sha256}"
    iso_storage_pool = var.iso_datastore
    unmount          = true
  }
  # The empty disk comes first: it falls through to the installer, and the installed system then wins.
  boot = "order=virtio0;ide2"

  bios    = var.firmware
  machine = var.firmware == "ovmf" ? "q35" : "pc"

  dynamic "efi_config" {
    for_each = var.firmware == "ovmf" ? [var.datastore] : []

    content {
      efi_storage_pool  = efi_config.value
      efi_type          = "4m"
      pre_enrolled_keys = false
    }
  }

  cores           = var.cores
  sockets         = 1
  memory          = var.memory_mib
  cpu_type        = "x86-64-v2-AES"
  os              = "l26"
  scsi_controller = "virtio-scsi-single"
  qemu_agent      = true
  serials         = ["socket"]

  disks {
    type         = "virtio"
    storage_pool = var.datastore
    disk_size    = "${var.disk_gib}G"
    discard      = true
    io_thread    = true
  }
  network_adapters {
    model  = "virtio"
    bridge = var.bridge
  }

  cloud_init              = true
  cloud_init_storage_pool = var.datastore
  cloud_init_disk_type    = var.cloud_init_disk_type

  # The installer lets nobody in by password. What is typed fetches the build's public key, nothing secret.
  http_content = {
    "/authorize.sh" = templatefile("${path.root}/scripts/authorize.sh.pkrtpl", {
      nixpkgs_revision = var.nixpkgs_revision
      ssh_public_key   = var.ssh_public_key
    })
  }
  http_bind_address = var.http_bind_address
  boot_wait         = "10s"
  boot_command = [
    "<enter><wait${var.installer_boot_seconds}s>",
    "sudo -i<enter><wait3s>",
    "curl -fsS http://{{ .HTTPIP }}:{{ .HTTPPort }}/authorize.sh | bash<enter>",
  ]

  communicator         = "ssh"
  ssh_username         = "root"
  ssh_private_key_file = var.ssh_private_key_file
  ssh_host             = var.ssh_host
  ssh_timeout          = "30m"

  ssh_bastion_host             = try(var.bastion.host, null)
  ssh_bastion_port             = try(var.bastion.port, null)
  ssh_bastion_username         = try(var.bastion.username, null)
  ssh_bastion_private_key_file = try(var.bastion.private_key_file, null)
}

build {
  sources = ["source.proxmox-clone.nixos", "source.proxmox-iso.nixos"]

  # The installer: partitions, file systems, and /mnt ready for an installation.
  provisioner "shell" {
    only   = ["proxmox-iso.nixos"]
    script = "${path.root}/scripts/prepare-disk.sh"
    env = {
      FIRMWARE = var.firmware
    }
  }

  # What the template is made of stays in it, so that a machine can be rebuilt from the inside.
  provisioner "shell" {
    inline = ["mkdir -p \"$NIXHERD_ROOT${local.root[source.type]}/etc/nixos/vm-specs\""]
  }
  provisioner "file" {
    source      = "${path.root}/../flake.nix"
    destination = "${local.root[source.type]}/etc/nixos/flake.nix"
  }
  provisioner "file" {
    source      = "${path.root}/../nix"
    destination = "${local.root[source.type]}/etc/nixos"
  }
  provisioner "file" {
    content     = local.marker
    destination = "${local.root[source.type]}/etc/nixos-template.json"
  }

  provisioner "shell" {
    script = "${path.root}/scripts/install-nixos.sh"
    env = {
      FIRMWARE         = var.firmware
      NIXPKGS_REVISION = var.nixpkgs_revision
      TEMPLATE_ROOT    = local.root[source.type]
    }
  }

  # A configuration that does not boot must not become a template.
  provisioner "shell" {
    only              = ["proxmox-clone.nixos"]
    inline            = ["systemctl reboot"]
    expect_disconnect = true
  }
  provisioner "shell" {
    only         = ["proxmox-clone.nixos"]
    pause_before = "${var.restart_seconds}s"
    timeout      = "15m"
    inline       = ["readlink -e \"$NIXHERD_ROOT/run/current-system\"", "systemctl is-system-running --wait"]
  }

  # Last: what comes after it would leave traces again.
  provisioner "shell" {
    script = "${path.root}/../scripts/cleanup-template.sh"
    env = {
      TEMPLATE_ROOT = local.root[source.type]
    }
  }

  post-processor "manifest" {
    output     = var.manifest
    strip_path = true
  }
}
