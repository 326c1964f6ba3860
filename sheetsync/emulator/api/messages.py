"""The API's messages: name, then `field:type`; only what this emulator reads or answers.

Types are int, num, str, bool, any, an enum's values with |, or a message; `*` marks a list, <> a map from text.
Names and types are those of the discovery document.
"""

from __future__ import annotations

TABLE = """
GridRange sheetId:int startRowIndex:int endRowIndex:int startColumnIndex:int endColumnIndex:int
GridCoordinate sheetId:int rowIndex:int columnIndex:int
DimensionRange sheetId:int dimension:DIMENSION_UNSPECIFIED|ROWS|COLUMNS startIndex:int endIndex:int
Color red:num green:num blue:num alpha:num
ColorStyle rgbColor:Color themeColor:str
ErrorValue type:str message:str
ExtendedValue numberValue:num stringValue:str boolValue:bool formulaValue:str errorValue:ErrorValue
NumberFormat type:str pattern:str
Link uri:str
TextFormat foregroundColor:Color foregroundColorStyle:ColorStyle fontFamily:str fontSize:int bold:bool \
italic:bool strikethrough:bool underline:bool link:Link
Border color:Color colorStyle:ColorStyle style:STYLE_UNSPECIFIED|DOTTED|DASHED|SOLID|SOLID_MEDIUM|SOLID_THICK|\
NONE|DOUBLE width:int
Borders bottom:Border left:Border right:Border top:Border
Padding bottom:int left:int right:int top:int
TextRotation angle:int vertical:bool
TextFormatRun format:TextFormat startIndex:int
CellFormat numberFormat:NumberFormat backgroundColor:Color backgroundColorStyle:ColorStyle borders:Borders \
padding:Padding horizontalAlignment:str verticalAlignment:str wrapStrategy:str textDirection:str \
textFormat:TextFormat hyperlinkDisplayType:str textRotation:TextRotation
ConditionValue relativeDate:RELATIVE_DATE_UNSPECIFIED|PAST_YEAR|PAST_MONTH|PAST_WEEK|YESTERDAY|TODAY|TOMORROW \
userEnteredValue:str
BooleanCondition type:CONDITION_TYPE_UNSPECIFIED|NUMBER_GREATER|NUMBER_GREATER_THAN_EQ|NUMBER_LESS|\
NUMBER_LESS_THAN_EQ|NUMBER_EQ|NUMBER_NOT_EQ|NUMBER_BETWEEN|NUMBER_NOT_BETWEEN|TEXT_CONTAINS|\
TEXT_NOT_CONTAINS|TEXT_STARTS_WITH|TEXT_ENDS_WITH|TEXT_EQ|TEXT_IS_EMAIL|TEXT_IS_URL|DATE_EQ|DATE_BEFORE|\
DATE_AFTER|DATE_ON_OR_BEFORE|DATE_ON_OR_AFTER|DATE_BETWEEN|DATE_NOT_BETWEEN|DATE_IS_VALID|ONE_OF_RANGE|\
ONE_OF_LIST|BLANK|NOT_BLANK|CUSTOM_FORMULA|BOOLEAN|TEXT_NOT_EQ|DATE_NOT_EQ|FILTER_EXPRESSION \
values:ConditionValue*
DataValidationRule condition:BooleanCondition inputMessage:str showCustomUi:bool strict:bool
CellData userEnteredValue:ExtendedValue effectiveValue:ExtendedValue formattedValue:str \
userEnteredFormat:CellFormat effectiveFormat:CellFormat hyperlink:str note:str textFormatRuns:TextFormatRun* \
dataValidation:DataValidationRule pivotTable:any dataSourceTable:any dataSourceFormula:any chipRuns:any
RowData values:CellData*
GridProperties rowCount:int columnCount:int frozenRowCount:int frozenColumnCount:int hideGridlines:bool \
rowGroupControlAfter:bool columnGroupControlAfter:bool
SheetProperties sheetId:int title:str index:int sheetType:SHEET_TYPE_UNSPECIFIED|GRID|OBJECT|DATA_SOURCE \
gridProperties:GridProperties hidden:bool tabColor:Color tabColorStyle:ColorStyle rightToLeft:bool \
dataSourceSheetProperties:any
SpreadsheetProperties title:str locale:str autoRecalc:str timeZone:str defaultFormat:CellFormat \
iterativeCalculationSettings:any spreadsheetTheme:any importFunctionsExternalUrlAccessAllowed:bool
DeveloperMetadataLocation locationType:str spreadsheet:bool sheetId:int dimensionRange:DimensionRange
DeveloperMetadata metadataId:int metadataKey:str metadataValue:str location:DeveloperMetadataLocation \
visibility:DEVELOPER_METADATA_VISIBILITY_UNSPECIFIED|DOCUMENT|PROJECT
DeveloperMetadataLookup \
locationType:DEVELOPER_METADATA_LOCATION_TYPE_UNSPECIFIED|ROW|COLUMN|SHEET|SPREADSHEET \
metadataLocation:DeveloperMetadataLocation \
locationMatchingStrategy:DEVELOPER_METADATA_LOCATION_MATCHING_STRATEGY_UNSPECIFIED|EXACT_LOCATION|\
INTERSECTING_LOCATION metadataId:int metadataKey:str metadataValue:str visibility:str
DataFilter developerMetadataLookup:DeveloperMetadataLookup a1Range:str gridRange:GridRange
DimensionProperties hiddenByFilter:bool hiddenByUser:bool pixelSize:int developerMetadata:DeveloperMetadata* \
dataSourceColumnReference:any
SortSpec dimensionIndex:int sortOrder:SORT_ORDER_UNSPECIFIED|ASCENDING|DESCENDING foregroundColor:any \
backgroundColor:any foregroundColorStyle:any backgroundColorStyle:any dataSourceColumnReference:any
FilterCriteria condition:BooleanCondition hiddenValues:str* visibleBackgroundColor:Color \
visibleBackgroundColorStyle:ColorStyle visibleForegroundColor:Color visibleForegroundColorStyle:ColorStyle
FilterSpec columnIndex:int dataSourceColumnReference:any filterCriteria:FilterCriteria
BasicFilter range:GridRange sortSpecs:SortSpec* criteria:<FilterCriteria> filterSpecs:FilterSpec* tableId:str
FilterView criteria:<FilterCriteria> filterSpecs:FilterSpec* filterViewId:int namedRangeId:str range:GridRange \
sortSpecs:SortSpec* tableId:str title:str
BooleanRule condition:BooleanCondition format:CellFormat
InterpolationPoint color:Color colorStyle:ColorStyle type:INTERPOLATION_POINT_TYPE_UNSPECIFIED|MIN|MAX|NUMBER|\
PERCENT|PERCENTILE value:str
GradientRule maxpoint:InterpolationPoint midpoint:InterpolationPoint minpoint:InterpolationPoint
ConditionalFormatRule booleanRule:BooleanRule gradientRule:GradientRule ranges:GridRange*
BandingProperties firstBandColor:Color firstBandColorStyle:ColorStyle footerColor:Color \
footerColorStyle:ColorStyle headerColor:Color headerColorStyle:ColorStyle secondBandColor:Color \
secondBandColorStyle:ColorStyle
BandedRange bandedRangeId:int bandedRangeReference:str columnProperties:BandingProperties range:GridRange \
rowProperties:BandingProperties
DimensionGroup collapsed:bool depth:int range:DimensionRange
NamedRange namedRangeId:str name:str range:GridRange
Editors users:str* groups:str* domainUsersCanEdit:bool
ProtectedRange protectedRangeId:int range:GridRange namedRangeId:str description:str warningOnly:bool \
requestingUserCanEdit:bool unprotectedRanges:GridRange* editors:Editors tableId:str
GridData startRow:int startColumn:int rowData:RowData* rowMetadata:DimensionProperties* \
columnMetadata:DimensionProperties*
Sheet properties:SheetProperties data:GridData* merges:GridRange* conditionalFormats:ConditionalFormatRule* \
filterViews:FilterView* protectedRanges:ProtectedRange* basicFilter:BasicFilter charts:any \
bandedRanges:BandedRange* developerMetadata:DeveloperMetadata* rowGroups:DimensionGroup* \
columnGroups:DimensionGroup* slicers:any tables:any commentAnchors:any
Spreadsheet spreadsheetId:str properties:SpreadsheetProperties sheets:Sheet* namedRanges:NamedRange* \
spreadsheetUrl:str developerMetadata:DeveloperMetadata* dataSources:any dataSourceSchedules:any comments:any \
commentsViewMode:str
updateSpreadsheetProperties properties:SpreadsheetProperties fields:str
addSheet properties:SheetProperties
deleteSheet sheetId:int
duplicateSheet sourceSheetId:int insertSheetIndex:int newSheetId:int newSheetName:str
updateSheetProperties properties:SheetProperties fields:str
updateCells rows:RowData* fields:str start:GridCoordinate range:GridRange
repeatCell range:GridRange cell:CellData fields:str
appendCells sheetId:int rows:RowData* fields:str tableId:str
insertDimension range:DimensionRange inheritFromBefore:bool
deleteDimension range:DimensionRange
moveDimension source:DimensionRange destinationIndex:int
appendDimension sheetId:int dimension:DIMENSION_UNSPECIFIED|ROWS|COLUMNS length:int
updateDimensionProperties range:DimensionRange dataSourceSheetRange:any properties:DimensionProperties \
fields:str
autoResizeDimensions dimensions:DimensionRange dataSourceSheetDimensions:any
sortRange range:GridRange sortSpecs:SortSpec*
createDeveloperMetadata developerMetadata:DeveloperMetadata
updateDeveloperMetadata dataFilters:DataFilter* developerMetadata:DeveloperMetadata fields:str
deleteDeveloperMetadata dataFilter:DataFilter
setBasicFilter filter:BasicFilter
clearBasicFilter sheetId:int
addNamedRange namedRange:NamedRange
updateNamedRange namedRange:NamedRange fields:str
deleteNamedRange namedRangeId:str
addProtectedRange protectedRange:ProtectedRange
updateProtectedRange fields:str protectedRange:ProtectedRange
deleteProtectedRange protectedRangeId:int
mergeCells range:GridRange mergeType:MERGE_ALL|MERGE_COLUMNS|MERGE_ROWS
unmergeCells range:GridRange
copyPaste source:GridRange destination:GridRange pasteOrientation:NORMAL|TRANSPOSE \
pasteType:PASTE_NORMAL|PASTE_VALUES|PASTE_FORMAT|PASTE_NO_BORDERS|PASTE_FORMULA|PASTE_DATA_VALIDATION|\
PASTE_CONDITIONAL_FORMATTING
cutPaste destination:GridCoordinate pasteType:PASTE_NORMAL|PASTE_VALUES|PASTE_FORMAT|PASTE_NO_BORDERS|\
PASTE_FORMULA|PASTE_DATA_VALIDATION|PASTE_CONDITIONAL_FORMATTING source:GridRange
pasteData coordinate:GridCoordinate data:str delimiter:str html:bool type:PASTE_NORMAL|PASTE_VALUES|\
PASTE_FORMAT|PASTE_NO_BORDERS|PASTE_FORMULA|PASTE_DATA_VALIDATION|PASTE_CONDITIONAL_FORMATTING
textToColumns delimiter:str delimiterType:DELIMITER_TYPE_UNSPECIFIED|COMMA|SEMICOLON|PERIOD|SPACE|CUSTOM|\
AUTODETECT source:GridRange
trimWhitespace range:GridRange
insertRange range:GridRange shiftDimension:DIMENSION_UNSPECIFIED|ROWS|COLUMNS
deleteRange range:GridRange shiftDimension:DIMENSION_UNSPECIFIED|ROWS|COLUMNS
deleteDuplicates comparisonColumns:DimensionRange* range:GridRange
randomizeRange range:GridRange
updateBorders bottom:Border innerHorizontal:Border innerVertical:Border left:Border range:GridRange right:Border \
top:Border
setDataValidation filteredRowsIncluded:bool range:GridRange rule:DataValidationRule
addConditionalFormatRule index:int rule:ConditionalFormatRule
updateConditionalFormatRule index:int newIndex:int rule:ConditionalFormatRule sheetId:int
deleteConditionalFormatRule index:int sheetId:int
addBanding bandedRange:BandedRange
updateBanding bandedRange:BandedRange fields:str
deleteBanding bandedRangeId:int
addFilterView filter:FilterView
updateFilterView fields:str filter:FilterView
deleteFilterView filterId:int
duplicateFilterView filterId:int
addDimensionGroup range:DimensionRange
updateDimensionGroup dimensionGroup:DimensionGroup fields:str
deleteDimensionGroup range:DimensionRange
findReplace find:str replacement:str matchCase:bool matchEntireCell:bool searchByRegex:bool \
includeFormulas:bool range:GridRange sheetId:int allSheets:bool
BatchUpdateSpreadsheetRequest requests:Request* includeSpreadsheetInResponse:bool responseRanges:str* \
responseIncludeGridData:bool commentsViewMode:str
AddSheetResponse properties:SheetProperties
DuplicateSheetResponse properties:SheetProperties
AddNamedRangeResponse namedRange:NamedRange
AddProtectedRangeResponse protectedRange:ProtectedRange
AddBandingResponse bandedRange:BandedRange
AddFilterViewResponse filter:FilterView
DuplicateFilterViewResponse filter:FilterView
AddDimensionGroupResponse dimensionGroups:DimensionGroup*
DeleteDimensionGroupResponse dimensionGroups:DimensionGroup*
UpdateConditionalFormatRuleResponse newIndex:int newRule:ConditionalFormatRule oldIndex:int \
oldRule:ConditionalFormatRule
DeleteConditionalFormatRuleResponse rule:ConditionalFormatRule
FindReplaceResponse formulasChanged:int occurrencesChanged:int rowsChanged:int sheetsChanged:int valuesChanged:int
TrimWhitespaceResponse cellsChangedCount:int
DeleteDuplicatesResponse duplicatesRemovedCount:int
CreateDeveloperMetadataResponse developerMetadata:DeveloperMetadata
UpdateDeveloperMetadataResponse developerMetadata:DeveloperMetadata*
DeleteDeveloperMetadataResponse deletedDeveloperMetadata:DeveloperMetadata*
Response addBanding:AddBandingResponse addChart:any addCommentReply:any addDataSource:any \
addDimensionGroup:AddDimensionGroupResponse addFilterView:AddFilterViewResponse \
addNamedRange:AddNamedRangeResponse addProtectedRange:AddProtectedRangeResponse addSheet:AddSheetResponse \
addSlicer:any addTable:any cancelDataSourceRefresh:any \
createDeveloperMetadata:CreateDeveloperMetadataResponse \
deleteConditionalFormatRule:DeleteConditionalFormatRuleResponse \
deleteDeveloperMetadata:DeleteDeveloperMetadataResponse \
deleteDimensionGroup:DeleteDimensionGroupResponse deleteDuplicates:DeleteDuplicatesResponse \
duplicateFilterView:DuplicateFilterViewResponse duplicateSheet:DuplicateSheetResponse \
findReplace:FindReplaceResponse insertComment:any refreshDataSource:any trimWhitespace:TrimWhitespaceResponse \
updateConditionalFormatRule:UpdateConditionalFormatRuleResponse updateDataSource:any \
updateDeveloperMetadata:UpdateDeveloperMetadataResponse updateEmbeddedObjectPosition:any
BatchUpdateSpreadsheetResponse spreadsheetId:str replies:Response* \
updatedSpreadsheet:Spreadsheet commentUpdateState:any
ValueRange range:str majorDimension:DIMENSION_UNSPECIFIED|ROWS|COLUMNS values:rows
UpdateValuesResponse spreadsheetId:str updatedRange:str updatedRows:int updatedColumns:int updatedCells:int \
updatedData:ValueRange
AppendValuesResponse spreadsheetId:str tableRange:str updates:UpdateValuesResponse
BatchUpdateValuesRequest valueInputOption:str data:ValueRange* includeValuesInResponse:bool \
responseValueRenderOption:str responseDateTimeRenderOption:str
BatchUpdateValuesResponse spreadsheetId:str totalUpdatedRows:int totalUpdatedColumns:int \
totalUpdatedCells:int totalUpdatedSheets:int responses:UpdateValuesResponse*
BatchGetValuesResponse spreadsheetId:str valueRanges:ValueRange*
BatchClearValuesRequest ranges:str*
BatchClearValuesResponse spreadsheetId:str clearedRanges:str*
ClearValuesRequest
ClearValuesResponse spreadsheetId:str clearedRange:str
BatchGetValuesByDataFilterRequest dataFilters:DataFilter* majorDimension:str valueRenderOption:str \
dateTimeRenderOption:str
MatchedValueRange valueRange:ValueRange dataFilters:DataFilter*
BatchGetValuesByDataFilterResponse spreadsheetId:str valueRanges:MatchedValueRange*
BatchClearValuesByDataFilterRequest dataFilters:DataFilter*
DataFilterValueRange dataFilter:DataFilter majorDimension:str values:rows
BatchUpdateValuesByDataFilterRequest valueInputOption:str data:DataFilterValueRange* \
includeValuesInResponse:bool responseValueRenderOption:str responseDateTimeRenderOption:str
UpdateValuesByDataFilterResponse dataFilter:DataFilter updatedCells:int updatedColumns:int \
updatedData:ValueRange updatedRange:str updatedRows:int
BatchUpdateValuesByDataFilterResponse responses:UpdateValuesByDataFilterResponse* spreadsheetId:str \
totalUpdatedCells:int totalUpdatedColumns:int totalUpdatedRows:int totalUpdatedSheets:int
BatchClearValuesByDataFilterResponse clearedRanges:str* spreadsheetId:str
CopySheetToAnotherSpreadsheetRequest destinationSpreadsheetId:str
GetSpreadsheetByDataFilterRequest dataFilters:DataFilter* includeGridData:bool \
excludeTablesInBandedRanges:bool commentsViewMode:str
SearchDeveloperMetadataRequest dataFilters:DataFilter*
MatchedDeveloperMetadata developerMetadata:DeveloperMetadata dataFilters:DataFilter*
SearchDeveloperMetadataResponse matchedDeveloperMetadata:MatchedDeveloperMetadata*
"""

#: Request kinds of the discovery document that Google knows and this emulator refuses by name.
REFUSED = """
addChart addCommentReply addDataSource addSlicer addTable autoFill cancelDataSourceRefresh deleteComment
deleteCommentReply deleteDataSource deleteEmbeddedObject deleteTable insertComment refreshDataSource
updateChartSpec updateCommentPost updateDataSource updateEmbeddedObjectBorder updateEmbeddedObjectPosition
updateSlicerSpec updateTable
"""
REFUSED_KINDS = frozenset(REFUSED.split())


def _read(table: str) -> dict[str, dict[str, str]]:
    messages = {}
    for line in table.strip().splitlines():
        name, *fields = line.split()
        messages[name] = dict(field.split(":", 1) for field in fields)
    return messages


MESSAGES = _read(TABLE)
