terraform {
  required_version = ">= 1.11"

  # As in the module: Dependabot moves them here together with the checksums in .terraform.lock.hcl.
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 7.24"
    }
    random = {
      source  = "hashicorp/random"
      version = "~> 3.7"
    }
    time = {
      source  = "hashicorp/time"
      version = "~> 0.13"
    }
  }

  # The bucket is given at `terraform init`: terraform/README.md, "State".
  backend "gcs" {}
}

provider "google" {
  project        = var.project_id
  region         = var.region
  default_labels = local.labels

  # The budget API requires a quota project, which these two set.
  billing_project       = var.project_id
  user_project_override = true
}
