terraform {
  required_version = ">= 1.9"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 6.50"
    }
  }

  # Which bucket holds the state is given at `terraform init`: README.md, "State".
  backend "gcs" {}
}

provider "google" {
  project        = var.project_id
  region         = var.region
  default_labels = local.labels

  # Budgets are billed calls: without these two, the API answers that no quota project is set.
  billing_project       = var.project_id
  user_project_override = true
}
