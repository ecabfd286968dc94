# Everything a build can be told. nixos.pkrvars.hcl.example shows what a site sets; `nixherd template build` adds the
# values of the single build. The cluster and its token come from the environment alone: PROXMOX_URL,
# PROXMOX_USERNAME (user@realm!id) and PROXMOX_TOKEN (the secret alone).

# --- the site

variable "node" {
  type        = string
  description = "Proxmox VE node that builds and keeps the template."
}

variable "datastore" {
  type        = string
  description = "Storage of the cloud-init drive, and of the disks that a build from the installer makes."
}

variable "bridge" {
  type        = string
  default     = "vmbr0"
  description = "Bridge with DHCP and a way to the internet, for the build alone."
}

variable "insecure_skip_tls_verify" {
  type        = bool
  default     = false
  description = "Skips the check of the API's certificate. Better: name its CA in SSL_CERT_FILE."
}

variable "cores" {
  type    = number
  default = 2
}

variable "memory_mib" {
  type        = number
  default     = 4096
  description = "Memory of the build; an evaluation of nixpkgs needs more than 2 GiB."
}

variable "cloud_init_disk_type" {
  type        = string
  default     = "ide"
  description = "Bus of the template's cloud-init drive: ide, or scsi or sata. It gets the first slot that is free."

  validation {
    condition     = contains(["ide", "sata", "scsi"], var.cloud_init_disk_type)
    error_message = "The cloud-init drive sits on ide, sata or scsi."
  }
}

variable "bastion" {
  type = object({
    host             = string
    port             = number
    username         = string
    private_key_file = string
  })
  default     = null
  description = "SSH host through which the machine is reached, where the bridge's network is not at hand. Usually given as PKR_VAR_bastion."
}

variable "restart_seconds" {
  type        = number
  default     = 30
  description = "How long a machine may need to go down when it restarts; only then it is asked whether it came up again."
}

# --- the single build

variable "vm_id" {
  type        = number
  description = "VMID of the new template. Never one that exists: a version gets a VMID of its own."
}

variable "template_name" {
  type        = string
  description = "Name and version, such as nixos-26.05-v3."

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]*-v[1-9][0-9]*$", var.template_name))
    error_message = "A template is named like nixos-26.05-v3."
  }
}

variable "firmware" {
  type        = string
  default     = "seabios"
  description = "seabios or ovmf. A clone keeps its base's firmware, so this must be the base's."

  validation {
    condition     = contains(["seabios", "ovmf"], var.firmware)
    error_message = "The firmware is seabios or ovmf."
  }
}

variable "release" {
  type        = string
  description = "NixOS release, such as 26.05, for the marker."
}

variable "revision" {
  type        = string
  description = "Commit of this repository, for the marker and the description."
}

variable "nixpkgs_revision" {
  type        = string
  description = "Commit of nixpkgs that the template is built from: 40 hexadecimal digits, so that a build can be repeated."

  validation {
    condition     = can(regex("^[0-9a-f]{40}$", var.nixpkgs_revision))
    error_message = "The revision of nixpkgs is a whole commit hash: 40 hexadecimal digits."
  }
}

variable "created" {
  type        = string
  description = "Time of the build, RFC 3339 in UTC."
}

variable "manifest" {
  type        = string
  default     = "packer-manifest.json"
  description = "File that says which VMID the finished template has."
}

# --- only from an image

variable "base_vm_id" {
  type        = number
  default     = 0
  description = "VMID of the template that scripts/import-cloud-image.sh made. By id: of two machines with one name Packer silently takes one."
}

# --- only from the installer

variable "iso_url" {
  type        = string
  default     = ""
  description = "A numbered release of the minimal installer, never \"latest\". Without a query: the plugin crashes on one."

  validation {
    condition     = var.iso_url == "" || can(regex("^https://[^?#]+/nixos-minimal-[0-9][0-9.a-z]*-x86_64-linux\\.iso$", var.iso_url))
    error_message = "The installer is a numbered nixos-minimal-...-x86_64-linux.iso over https, without a query."
  }
}

variable "iso_sha256" {
  type        = string
  default     = ""
  description = "Its SHA-256: 64 hexadecimal digits, not a URL of a checksum file, which would say whatever its server says."

  validation {
    condition     = var.iso_sha256 == "" || can(regex("^[0-9a-f]{64}$", var.iso_sha256))
    error_message = "The checksum of the installer is 64 hexadecimal digits."
  }
}

variable "iso_datastore" {
  type        = string
  default     = "local"
  description = "Storage that takes ISO images. A file of the same name there is overwritten."
}

variable "disk_gib" {
  type        = number
  default     = 16
  description = "Root disk of a template from the installer; clones may have larger ones."
}

variable "ssh_private_key_file" {
  type        = string
  default     = null
  description = "Key of the build that the installer is told to accept; `nixherd template build` makes one and throws it away."
}

variable "ssh_public_key" {
  type        = string
  default     = ""
  description = "Its public half."
}

variable "ssh_host" {
  type        = string
  default     = null
  description = "Address of the installer, where its DHCP lease is known; else the guest agent is asked."
}

variable "installer_boot_seconds" {
  type        = number
  default     = 60
  description = "How long the installer may need from its boot menu to a prompt; what is typed before is lost."
}

variable "http_bind_address" {
  type        = string
  default     = "0.0.0.0"
  description = "Address of this computer from which the installer fetches the key. By default the first one that is not loopback is typed."
}
