terraform {
  required_version = ">= 1.11"

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
