/**
 * Reads template.yaml for one machine: what SAM and CloudFormation would make of it, as far as
 * local runs go. What it can't take it refuses by name.
 */
@NullMarked
package dev.confab.local.template;

import org.jspecify.annotations.NullMarked;
