import { Construct } from 'constructs';
import * as cdktn from 'cdktf';
export interface DataProxmoxVirtualEnvironmentVmsConfig extends cdktn.TerraformMetaArguments {
    readonly id?: string;
    readonly nodeName?: string;
    readonly tags?: string[];
    readonly filter?: DataProxmoxVirtualEnvironmentVmsFilter[] | cdktn.IResolvable;
}
export interface DataProxmoxVirtualEnvironmentVmsVms {
}
export declare function dataProxmoxVirtualEnvironmentVmsVmsToTerraform(struct?: DataProxmoxVirtualEnvironmentVmsVms): any;
export declare function dataProxmoxVirtualEnvironmentVmsVmsToHclTerraform(struct?: DataProxmoxVirtualEnvironmentVmsVms): any;
export declare class DataProxmoxVirtualEnvironmentVmsVmsOutputReference extends cdktn.ComplexObject {
    private isEmptyObject;
    constructor(terraformResource: cdktn.IInterpolatingParent, terraformAttribute: string, complexObjectIndex: number, complexObjectIsFromSet: boolean);
    get internalValue(): DataProxmoxVirtualEnvironmentVmsVms | undefined;
    set internalValue(value: DataProxmoxVirtualEnvironmentVmsVms | undefined);
    get name(): string;
    get nodeName(): string;
    get status(): string;
    get tags(): string[];
    get template(): cdktn.IResolvable;
    get vmId(): number;
}
export declare class DataProxmoxVirtualEnvironmentVmsVmsList extends cdktn.ComplexList {
    constructor(terraformResource: cdktn.IInterpolatingParent, terraformAttribute: string, wrapsSet: boolean);
    get(index: number): DataProxmoxVirtualEnvironmentVmsVmsOutputReference;
}
export interface DataProxmoxVirtualEnvironmentVmsFilter {
    readonly name: string;
    readonly regex?: boolean | cdktn.IResolvable;
    readonly values: string[];
}
export declare function dataProxmoxVirtualEnvironmentVmsFilterToTerraform(struct?: DataProxmoxVirtualEnvironmentVmsFilter | cdktn.IResolvable): any;
export declare function dataProxmoxVirtualEnvironmentVmsFilterToHclTerraform(struct?: DataProxmoxVirtualEnvironmentVmsFilter | cdktn.IResolvable): any;
export declare class DataProxmoxVirtualEnvironmentVmsFilterOutputReference extends cdktn.ComplexObject {
    private isEmptyObject;
    private resolvableValue?;
    constructor(terraformResource: cdktn.IInterpolatingParent, terraformAttribute: string, complexObjectIndex: number, complexObjectIsFromSet: boolean);
    get internalValue(): DataProxmoxVirtualEnvironmentVmsFilter | cdktn.IResolvable | undefined;
    set internalValue(value: DataProxmoxVirtualEnvironmentVmsFilter | cdktn.IResolvable | undefined);
    private _name?;
    get name(): string;
    set name(value: string);
    get nameInput(): string | undefined;
    private _regex?;
    get regex(): boolean | cdktn.IResolvable;
    set regex(value: boolean | cdktn.IResolvable);
    resetRegex(): void;
    get regexInput(): boolean | cdktn.IResolvable | undefined;
    private _values?;
    get values(): string[];
    set values(value: string[]);
    get valuesInput(): string[] | undefined;
}
export declare class DataProxmoxVirtualEnvironmentVmsFilterList extends cdktn.ComplexList {
    internalValue?: DataProxmoxVirtualEnvironmentVmsFilter[] | cdktn.IResolvable;
    constructor(terraformResource: cdktn.IInterpolatingParent, terraformAttribute: string, wrapsSet: boolean);
    get(index: number): DataProxmoxVirtualEnvironmentVmsFilterOutputReference;
}
export declare class DataProxmoxVirtualEnvironmentVms extends cdktn.TerraformDataSource {
    static readonly tfResourceType = "proxmox_virtual_environment_vms";
    static generateConfigForImport(scope: Construct, importToId: string, importFromId: string, provider?: cdktn.TerraformProvider): cdktn.ImportableResource;
    constructor(scope: Construct, id: string, config?: DataProxmoxVirtualEnvironmentVmsConfig);
    private _id?;
    get id(): string;
    set id(value: string);
    resetId(): void;
    get idInput(): string | undefined;
    private _nodeName?;
    get nodeName(): string;
    set nodeName(value: string);
    resetNodeName(): void;
    get nodeNameInput(): string | undefined;
    private _tags?;
    get tags(): string[];
    set tags(value: string[]);
    resetTags(): void;
    get tagsInput(): string[] | undefined;
    private _vms;
    get vms(): DataProxmoxVirtualEnvironmentVmsVmsList;
    private _filter;
    get filter(): DataProxmoxVirtualEnvironmentVmsFilterList;
    putFilter(value: DataProxmoxVirtualEnvironmentVmsFilter[] | cdktn.IResolvable): void;
    resetFilter(): void;
    get filterInput(): DataProxmoxVirtualEnvironmentVmsFilter[] | cdktn.IResolvable | undefined;
    protected synthesizeAttributes(): {
        [name: string]: any;
    };
    protected synthesizeHclAttributes(): {
        [name: string]: any;
    };
}
